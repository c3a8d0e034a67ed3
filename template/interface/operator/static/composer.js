// The field in which the operator writes. What was written stays until the bot has it, for each chat.

import { texts } from "./texts.js";

// As the API counts: characters of the trimmed text, an emoji of several parts as several.
const MOST_CHARACTERS = 4096;
const COUNTED_FROM = 3800;

const form = document.getElementById("composer");
const field = document.getElementById("text");
const button = document.getElementById("send");
const counter = document.getElementById("counter");
const problem = document.getElementById("send-problem");

/** @type {Map<string, {text: string, problem: string, isSending: boolean}>} */
const drafts = new Map();
let chatId = null;
let isOpen = false;

/** @param {(chatId: string, text: string) => Promise<void>} send fails with a sentence for the operator */
export function setUpComposer(send) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const of = chatId;
    const draft = draftOf(of);
    const text = draft.text.trim();
    if (!canSend(draft)) return;
    draft.isSending = true;
    draft.problem = "";
    show();
    field.focus();
    try {
      await send(of, text);
      draft.text = "";
    } catch (error) {
      draft.problem = error.message;
    }
    draft.isSending = false;
    if (of === chatId) show();
  });

  field.addEventListener("keydown", (event) => {
    // While an input method composes a character, Enter accepts it; 229 is how Safari says so.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit();
  });

  field.addEventListener("input", () => {
    draftOf(chatId).text = field.value;
    update();
  });

  window.addEventListener("beforeunload", (event) => {
    if ([...drafts.values()].some((draft) => draft.text.trim())) event.preventDefault();
  });
}

/**
 * @param {string | null} of the chat that is written to
 * @param {boolean} open whether it still takes messages
 */
export function showComposer(of, open) {
  chatId = of;
  isOpen = open;
  show();
}

/** Not where focus opens a keyboard over the page. */
export function focusComposer() {
  if (window.matchMedia("(pointer: coarse)").matches) document.getElementById("conversation-heading").focus();
  else field.focus();
}

/** @param {string} of */
export const hasDraft = (of) => draftOf(of).text.trim() !== "";

/** @param {string} of */
export const forgetDraft = (of) => drafts.delete(of);

export const forgetDrafts = () => drafts.clear();

function draftOf(of) {
  if (!drafts.has(of)) drafts.set(of, { text: "", problem: "", isSending: false });
  return drafts.get(of);
}

const lengthOf = (text) => Array.from(text.trim()).length;

function canSend({ text, isSending }) {
  const length = lengthOf(text);
  return isOpen && !isSending && length > 0 && length <= MOST_CHARACTERS;
}

function show() {
  if (chatId !== null && field.value !== draftOf(chatId).text) field.value = draftOf(chatId).text;
  update();
}

function update() {
  if (chatId === null) return;
  const draft = draftOf(chatId);
  const left = MOST_CHARACTERS - lengthOf(draft.text);
  field.readOnly = draft.isSending;
  form.setAttribute("aria-busy", String(draft.isSending));
  button.disabled = !canSend(draft);
  counter.hidden = left > MOST_CHARACTERS - COUNTED_FROM;
  counter.textContent = left < 0 ? texts.tooLong(-left) : texts.left(left);
  counter.toggleAttribute("data-over", left < 0);
  problem.hidden = !draft.problem;
  problem.textContent = draft.problem;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
