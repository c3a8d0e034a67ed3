// Tells a screen reader what has happened. The log itself is silent: it changes with every word that streams in.

const announcer = document.getElementById("announcer");

export function announce(text) {
  announcer.textContent = text;
}
