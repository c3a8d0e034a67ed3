// The line that says who answers now, where that is not plain: a person, or the assistant again.

import { texts } from "./texts.js";

// Always on the page, for a screen reader notices only changes of what it knows.
const line = document.getElementById("handoff");

/** @param {"person" | "assistant" | "none"} state */
export function showHandoff(state) {
  document.body.toggleAttribute("data-handoff", state === "person");
  line.dataset.state = state;
  line.textContent = texts.answering[state];
}
