// The thumbs below an answer, and the words that may go with one.

import { announce } from "./announcer.js";
import { texts } from "./texts.js";

let send = null;

/** @param {(answer: {messageId: string, rating: "good" | "bad" | null, comment: string}) => Promise<void>} onRate */
export function setUpRating(onRate) {
  send = onRate;
}

/**
 * Offers the thumbs of an answer.
 * @param {HTMLElement} message
 * @param {string} messageId
 * @param {"good" | "bad" | null} rating what the person thinks of it already
 */
export function offerRating(message, messageId, rating = null) {
  const group = message.querySelector(".rating");
  const buttons = [...group.querySelectorAll("[data-rating]")];
  const form = message.querySelector(".rating-form");
  const comment = form.querySelector("input");
  let current = rating;
  let isSending = false;

  for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.rating));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
  });
  group.hidden = false;
  show();

  async function choose(chosen) {
    const next = chosen === current ? null : chosen;
    if (!(await keep(next, ""))) return;
    comment.value = "";
    form.hidden = next === null;
    announce(next === null ? texts.ratingTakenBack : texts.rated[next]);
  }

  async function say() {
    if (!comment.value.trim() || !(await keep(current, comment.value))) return;
    const hadFocus = form.contains(document.activeElement);
    form.hidden = true;
    announce(texts.commentSent);
    if (hadFocus) buttons.find((button) => button.dataset.rating === current)?.focus();
  }

  /** Returns whether it is kept; while one is on its way no other is sent. */
  async function keep(next, words) {
    if (isSending) return false;
    isSending = true;
    try {
      await send({ messageId, rating: next, comment: words });
      current = next;
      return true;
    } catch {
      return false; // Whoever sends it has said why.
    } finally {
      isSending = false;
      show();
    }
  }

  function show() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.rating === current));
  }
}
