// Asks before a conversation is given back to the bot.

import { releaseChat } from "./api.js";
import { hasDraft } from "./composer.js";

const dialog = document.getElementById("release-dialog");
const form = dialog.querySelector("form");
const confirm = document.getElementById("confirm-release");
const problem = document.getElementById("release-problem");
const unsent = document.getElementById("unsent");

/**
 * @param {object} calls
 * @param {() => string} calls.getChatId
 * @param {(chatId: string) => void} calls.onReleased
 */
export function setUpReleaseDialog({ getChatId, onReleased }) {
  let chatId = null;

  document.getElementById("release").addEventListener("click", () => {
    chatId = getChatId();
    problem.hidden = true;
    unsent.hidden = !hasDraft(chatId);
    dialog.showModal();
  });
  document.getElementById("cancel-release").addEventListener("click", () => dialog.close());

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (confirm.disabled) return;
    const releasing = chatId;
    confirm.disabled = true;
    problem.hidden = true;
    try {
      await releaseChat(releasing);
      dialog.close();
      onReleased(releasing);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      confirm.disabled = false;
    }
  });
}

/** Closes the dialog where what it asks about has gone. */
export const closeReleaseDialog = () => dialog.close();
