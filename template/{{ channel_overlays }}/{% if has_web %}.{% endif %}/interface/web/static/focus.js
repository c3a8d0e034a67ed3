// Keeps the focus on the page when what has it goes away.

/** Shows or hides an element; the focus inside one that is hidden goes on to `next`, where there is one. */
export function setHidden(element, hidden, next) {
  const hadFocus = element.contains(document.activeElement);
  element.hidden = hidden;
  if (hidden && hadFocus) next?.focus();
}
