// Tells a screen reader what has happened.

const announcer = document.getElementById("announcer");

/** @param {string} text */
export function announce(text) {
  announcer.textContent = text;
}
