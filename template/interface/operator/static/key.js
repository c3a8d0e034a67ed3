// The operator's key. Only for the tab's life: a key has no place on a shared computer's disk.

// Bots of several projects share an origin on a developer's machine: the bot's name keeps them apart.
const NAME = `${document.querySelector("meta[name=application-name]").content}/operator-key`;

let inMemory = null;

/** @returns {string | null} */
export function readKey() {
  try {
    return sessionStorage.getItem(NAME) ?? inMemory;
  } catch {
    return inMemory; // The browser refuses to keep anything.
  }
}

/** @param {string | null} key null forgets it */
export function keepKey(key) {
  inMemory = key;
  try {
    if (key === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, key);
  } catch {
    // It lives until the page is closed.
  }
}
