// Values kept by the browser. Where it refuses (private mode, full, policy), they live until the page is closed.

// Bots of several projects share an origin on a developer's machine: the title keeps them apart.
const PREFIX = `${document.title}/chat-page/`;

function createStore(kind) {
  const memory = new Map();
  return {
    read(key) {
      try {
        const kept = window[kind].getItem(PREFIX + key);
        if (kept !== null) return JSON.parse(kept);
      } catch {
        // Blocked, or written by something else: what is in memory is all there is.
      }
      return memory.get(key) ?? null;
    },

    /** Returns whether the browser kept it. */
    write(key, value) {
      memory.set(key, value);
      try {
        window[kind].setItem(PREFIX + key, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },

    remove(key) {
      memory.delete(key);
      try {
        window[kind].removeItem(PREFIX + key);
      } catch {
        // Blocked, so there is nothing to remove.
      }
    },
  };
}

/** Outlives the browser's window. */
export const local = createStore("localStorage");

/** Ends with the tab. */
export const session = createStore("sessionStorage");
