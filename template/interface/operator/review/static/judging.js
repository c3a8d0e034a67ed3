// What an operator does with an answer: a thumb, a comment, a case for the evals.

import { announce } from "/operator/page/announcer.js";
import { RequestFailed } from "/operator/page/api.js";
import { collectCase, rateAnswer } from "./review-api.js";
import { texts } from "./texts.js";

/**
 * @param {HTMLElement} view
 * @param {string} chatId
 * @param {import("./review-api.js").Message} message
 */
export function offerJudgement(view, chatId, { message_id: messageId, operator_rating: thumb }) {
  const buttons = [...view.querySelectorAll("[data-rating]")];
  const form = view.querySelector("form");
  const comment = form.querySelector("input");
  const collect = view.querySelector(".collect");
  const download = view.querySelector(".download");
  const problem = view.querySelector(".problem");
  let rating = thumb?.rating ?? null;
  let line = "";

  view.hidden = false;
  comment.value = thumb?.comment ?? "";
  show();
  for (const button of buttons) button.addEventListener("click", act(() => choose(button.dataset.rating)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(say)();
  });
  collect.addEventListener("click", act(add));
  download.addEventListener("click", () => save(`${messageId}.jsonl`, `${line}\n`));

  async function choose(chosen) {
    const next = chosen === rating ? null : chosen;
    await rateAnswer(chatId, messageId, { rating: next, comment: next ? comment.value : "" });
    rating = next;
    if (!rating) comment.value = "";
    show();
    announce(rating ? texts.rated[rating] : texts.ratingTakenBack);
  }

  async function say() {
    await rateAnswer(chatId, messageId, { rating, comment: comment.value });
    announce(texts.commentSaved);
  }

  async function add() {
    ({ line } = await collectCase(chatId, messageId));
    collect.textContent = texts.collected;
    download.hidden = false;
    announce(texts.collectedLong);
  }

  function show() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.rating === rating));
    form.hidden = rating === null;
  }

  /** Returns the task as one that runs once at a time, and says here why it failed. */
  function act(task) {
    return async () => {
      if (view.ariaBusy === "true") return;
      view.ariaBusy = "true";
      problem.hidden = true;
      try {
        await task();
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        problem.textContent = error.message;
        problem.hidden = false;
      } finally {
        view.ariaBusy = "false";
      }
    };
  }
}

/** Has the browser save a text as a file. */
function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
