// The field for the question, with its send and stop buttons.

import { session } from "./storage.js";

const form = document.getElementById("composer");
const field = document.getElementById("question");
const send = document.getElementById("send");
const stop = document.getElementById("stop");

let state = { ready: false, running: false };

/** Wires the composer: `onAsk(question)` for a question, `onStop()` for the stop button or Escape. */
export function setUpComposer({ onAsk, onStop }) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = field.value.trim();
    if (!question || !state.ready || state.running) return;
    write("");
    onAsk(question);
    field.focus();
  });

  field.addEventListener("keydown", (event) => {
    // While an input method composes a character, Enter accepts it; 229 is how Safari says so.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Escape" && state.running) onStop();
  });

  field.addEventListener("input", update);
  stop.addEventListener("click", () => {
    field.focus();
    onStop();
  });
  write(session.read("draft") ?? "");
}

/** ready: a question can be sent; running: an answer is under way. */
export function setComposerState(next) {
  state = next;
  update();
}

export function write(text) {
  field.value = text;
  update();
}

/** Not where focus opens a keyboard over the page. */
export const focus = () => window.matchMedia("(pointer: coarse)").matches || field.focus();

function update() {
  session.write("draft", field.value);
  send.hidden = state.running;
  stop.hidden = !state.running;
  send.disabled = !state.ready || !field.value.trim();
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
