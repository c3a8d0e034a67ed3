// The operators' page: the open tickets on one side, one conversation on the other.

import { announce } from "./announcer.js";
import { RequestFailed, whoAmI } from "./api.js";
import { focusComposer, forgetDrafts } from "./composer.js";
import {
  closeUnless,
  pauseConversation,
  refreshConversation,
  setUpConversation,
  showConversation,
} from "./conversation.js";
import { setHidden } from "./focus.js";
import { keepKey, readKey } from "./key.js";
import { closeReleaseDialog } from "./release-dialog.js";
import { setUpSignIn, showSignIn } from "./sign-in.js";
import { texts } from "./texts.js";
import { focusTicket, forgetTickets, removeTicket, selectTicket, setUpTickets } from "./tickets.js";

const desk = document.getElementById("desk");
const away = document.getElementById("away");
const awayReason = document.getElementById("away-reason");

/** Whose last attempt failed. */
const failing = new Map();
let isSignedIn = false;

const tickets = setUpTickets({ onOpen: open, onListed: closeUnless, watch });
setUpConversation({ onChange: tickets.now, onReleased: finish, watch });
setUpSignIn(enter);

// --- Failures ----------------------------------------------------------------------------------

/** Returns the task with its failures shown until it succeeds; a refused key asks for another one. */
function watch(task) {
  return async () => {
    try {
      await task();
      failing.delete(task);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (error.code === "unauthorized") return leave(error.message);
      failing.set(task, error.message);
      throw error;
    } finally {
      showFailures();
    }
  };
}

function showFailures() {
  const [reason] = failing.values();
  setHidden(away, !reason, { focus: focusView });
  if (reason && awayReason.textContent !== reason) awayReason.textContent = reason;
}

const focusView = () => (document.body.dataset.view === "list" ? focusTicket(null) : focusComposer());

// --- Signing in and out ------------------------------------------------------------------------

async function start() {
  if (!readKey()) return showSignIn();
  try {
    enter((await whoAmI()).operator);
  } catch (error) {
    // Without the server nobody can tell whether the key is good, so it is kept.
    if (error.code === "unreachable") enter("");
    else leave(error.message);
  }
}

function enter(name) {
  isSignedIn = true;
  desk.hidden = false;
  document.getElementById("operator").textContent = name;
  tickets.start();
  const chatId = history.state?.chatId ?? null;
  show(chatId);
  if (!chatId) document.getElementById("tickets-heading").focus();
}

/** What was written stays, for the one who signs in again. */
function leave(reason) {
  isSignedIn = false;
  keepKey(null);
  tickets.stop();
  pauseConversation();
  closeReleaseDialog();
  failing.clear();
  desk.hidden = true;
  showSignIn(reason);
}

function signOut() {
  history.replaceState(null, "");
  forgetDrafts();
  show(null);
  forgetTickets();
  leave("");
}

// --- Opening conversations ---------------------------------------------------------------------
// The one that is open is in the browser's history, so that a phone's back button returns to the list.

function open(chatId) {
  const state = history.state?.chatId;
  if (state === chatId) return show(chatId);
  if (state) history.replaceState({ chatId }, "");
  else history.pushState({ chatId }, "");
  show(chatId);
}

function show(chatId) {
  failing.clear();
  showFailures();
  document.body.dataset.view = chatId ? "conversation" : "list";
  selectTicket(chatId);
  showConversation(chatId);
}

function finish(chatId) {
  removeTicket(chatId);
  announce(texts.released);
  tickets.now();
  history.back();
}

window.addEventListener("popstate", ({ state }) => {
  if (!isSignedIn) return;
  const before = document.querySelector("#tickets [aria-current]")?.closest("li").dataset.chatId;
  show(state?.chatId ?? null);
  if (!state?.chatId) focusTicket(before);
});

document.getElementById("back").addEventListener("click", () => history.back());
document.getElementById("sign-out").addEventListener("click", signOut);
document.getElementById("try-now").addEventListener("click", () => {
  tickets.now();
  refreshConversation();
});
start();
