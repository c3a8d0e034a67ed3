// The review page: the chats of the bot on one side, the one that is read on the other.

import { RequestFailed, whoAmI } from "/operator/page/api.js";
import { keepKey, readKey } from "/operator/page/key.js";
import { setUpSignIn, showSignIn } from "/operator/page/sign-in.js";
import { focusChat, forgetChats, selectChat, setUpChats } from "./chats.js";
import { setUpReading, showReading } from "./reading.js";

const desk = document.getElementById("desk");

let isSignedIn = false;
let shown = null;

const chats = setUpChats({ onOpen: open, watch });
setUpReading(watch);
setUpSignIn(enter);

/** Returns the task so that a refused key asks for another one. */
function watch(task) {
  return async () => {
    try {
      await task();
    } catch (error) {
      if (error instanceof RequestFailed && error.code === "unauthorized") leave(error.message);
      throw error;
    }
  };
}

async function start() {
  if (!readKey()) return showSignIn();
  try {
    enter((await whoAmI()).operator);
  } catch (error) {
    leave(error.message);
  }
}

function enter(name) {
  isSignedIn = true;
  desk.hidden = false;
  document.getElementById("operator").textContent = name;
  chats.search();
  show(history.state?.chatId ?? null);
  if (!shown) document.getElementById("chats-heading").focus();
}

function leave(reason) {
  isSignedIn = false;
  keepKey(null);
  desk.hidden = true;
  showSignIn(reason);
}

function signOut() {
  history.replaceState(null, "");
  show(null);
  forgetChats();
  leave("");
}

// The chat that is read is in the browser's history, so that a phone's back button returns to the list.
function open(chatId) {
  if (shown) history.replaceState({ chatId }, "");
  else history.pushState({ chatId }, "");
  show(chatId);
}

function show(chatId) {
  shown = chatId;
  document.body.dataset.view = chatId ? "conversation" : "list";
  selectChat(chatId);
  showReading(chatId);
}

window.addEventListener("popstate", ({ state }) => {
  if (!isSignedIn) return;
  const before = shown;
  show(state?.chatId ?? null);
  if (!shown) focusChat(before);
});

document.getElementById("back").addEventListener("click", () => history.back());
document.getElementById("sign-out").addEventListener("click", signOut);
start();
