// The chat page: one chat at a time, in it one turn (a question and its answer) at a time.

import { announce } from "./announcer.js";
import * as composer from "./composer.js";
import { showConnection } from "./connection.js";
import * as conversation from "./conversation.js";
import { showHandoff } from "./handoff.js";
import { forgetChats, listMessages, recordOperatorMessage, recordRating, recordTurn } from "./history.js";
import { forgetToken, keepToken, setAuthMode, token, usesToken } from "./identity.js";
import { setUpRating } from "./rating.js";
import { createRetry } from "./retry.js";
import * as sidebar from "./sidebar.js";
import { session } from "./storage.js";
import { texts } from "./texts.js";
import { askForToken } from "./token-dialog.js";
import { createTransport } from "./transport.js";

// Longer than the server waits for its model: only a dead connection is silent for so long.
const LONGEST_SILENCE_MS = 120_000;
const LONGEST_CANCEL_MS = 5_000;

const transport = createTransport({ onState, onEvent });
const notice = document.getElementById("notice");

let connection = "connecting";
let chat = createChat(null);
let turn = null;
let endedMessageId = null;

// --- Asking ------------------------------------------------------------------------------------

function ask(question) {
  hideNotice();
  if (!chat.handoff) showHandoff("none");
  turn = {
    chat,
    question,
    asked: conversation.addMessage("user", question),
    answer: conversation.addMessage("assistant"),
    messageId: null,
    text: "",
    limit: LONGEST_SILENCE_MS,
    timer: null,
  };
  conversation.scrollToEnd();
  expectEvent();
  showTurn();
  transport.ask({ question, chat_id: chat.chatId, session_id: chat.sessionId });
}

function cancel() {
  if (!turn) return;
  turn.limit = LONGEST_CANCEL_MS;
  expectEvent();
  transport.cancel();
}

function expectEvent() {
  clearTimeout(turn.timer);
  turn.timer = setTimeout(transport.drop, turn.limit);
}

function endTurn() {
  clearTimeout(turn.timer);
  const ended = turn;
  endedMessageId = ended.messageId;
  turn = null;
  showTurn();
  return ended;
}

function showTurn() {
  document.body.dataset.turn = turn ? "running" : "idle";
  composer.setComposerState({ ready: connection === "online", running: turn !== null });
}

// --- What the bot says -------------------------------------------------------------------------

const HANDLERS = {
  start(event) {
    turn.messageId = event.message_id;
    turn.chat.chatId = event.chat_id;
    turn.chat.sessionId = event.session_id;
    if (turn.chat === chat) select(chat);
  },

  token(event) {
    turn.text += event.delta;
    turn.answer.stream(turn.text);
  },

  agent_response(event) {
    turn.text = event.content;
    turn.answer.stream(turn.text);
  },

  end(event) {
    const ended = endTurn();
    const handoff = event.handoff === true;
    const silence = handoff ? "" : texts.noAnswer;
    if (event.full_text) ended.answer.finish(event.full_text, event.message_id);
    else if (handoff) ended.answer.element.remove(); // A person answers, whenever they do.
    else ended.answer.stop("silent", silence);
    if (ended.chat === chat) announce(event.full_text ? ended.answer.read() : silence);
    setHandoff(ended.chat, handoff);
    // Only of an answer: while a person has the chat, an older message of theirs may still be on its way.
    if (event.full_text) noteNewest(ended.chat, event.message_id);
    keep(ended, event.full_text);
  },

  error(event) {
    const failed = endTurn();
    const cancelled = event.code === "cancelled";
    const reason = describe(event);
    // A chat that is gone cannot be continued: the next try starts a new one.
    if (event.code === "chat_not_found") failed.chat.chatId = null;
    failed.answer.stop(cancelled ? "stopped" : "failed", reason, {
      retry: () => {
        if (connection !== "online") return showNotice(texts.errors.connection_lost);
        remove(failed);
        ask(failed.question);
        composer.focus();
      },
      edit: () => {
        remove(failed);
        composer.write(failed.question);
        composer.focus();
      },
    });
    if (failed.chat === chat) announce(reason);
    if (cancelled && failed.messageId) keep(failed, failed.text);
  },
};

// Between turns these say nothing new: a chat that is gone says so to the next question.
const UNSAID = new Set(["cancelled", "chat_not_found"]);

// What comes when a person acts rather than in a turn.
const BETWEEN_TURNS = {
  operator_message: showOperatorMessage,
  following: ({ chat_id: chatId, handoff }) => chatId === chat.chatId && setHandoff(chat, handoff),
  handoff_ended: ({ chat_id: chatId }) => chatId === chat.chatId && setHandoff(chat, false),
};

function onEvent(event) {
  if (event.type in BETWEEN_TURNS) return BETWEEN_TURNS[event.type](event);
  // What was under way when a turn ended may arrive during the next one.
  if (event.message_id && event.message_id === endedMessageId) return;
  if (turn) {
    expectEvent();
    HANDLERS[event.type]?.(event);
  } else if (event.type === "error" && !UNSAID.has(event.code)) {
    showNotice(describe(event));
  }
}

function showOperatorMessage(event) {
  const { chat_id: chatId, message_id: messageId, content } = event;
  const isHere = chatId === chat.chatId;
  if (isHere && chat.seen.has(messageId)) return;
  recordOperatorMessage(event);
  sidebar.refreshChats();
  if (!isHere) return;
  chat.seen.add(messageId);
  noteNewest(chat, messageId);
  conversation.addMessage("operator", content);
  announce(`${texts.authors.operator}: ${content}`);
}

function setHandoff(of, handoff) {
  const before = of.handoff;
  of.handoff = handoff;
  if (of !== chat || before === handoff) return;
  showHandoff(handoff ? "person" : "assistant");
}

/** Keeps what the person thinks of an answer of the open chat; throws where it is not kept. */
async function rate({ messageId, rating, comment }) {
  const { chatId } = chat;
  hideNotice();
  try {
    await transport.rate({ chat_id: chatId, message_id: messageId, rating, comment });
  } catch (error) {
    showNotice(error.code === "connection_lost" ? texts.ratingLost : describe(error));
    throw error;
  }
  recordRating(chatId, messageId, rating);
}

const describe = ({ code, message }) => texts.errors[code] ?? (message || texts.errors.unknown);

function keep({ chat: { chatId }, question, messageId }, answer) {
  recordTurn(chatId, question, answer, messageId);
  sidebar.refreshChats();
}

function remove(failed) {
  failed.asked.element.remove();
  failed.answer.element.remove();
}

function showNotice(text) {
  notice.textContent = text;
  notice.hidden = false;
}

function hideNotice() {
  notice.hidden = true;
}

// --- Connection and access ---------------------------------------------------------------------

async function onState(state) {
  const before = connection;
  connection = state;
  showConnection(state);
  if (state !== "online" && turn) onEvent({ type: "error", code: "connection_lost" });
  showTurn();
  if (state === "online" && before !== "online") {
    sidebar.refreshChats();
    follow();
  }
  if (state === "refused") await enter(texts.tokenRefused);
}

async function enter(message) {
  forgetToken();
  sidebar.forgetShownChats();
  keepToken(await askForToken(message));
  transport.connect();
}

function leave() {
  forgetChats();
  forgetToken();
  session.remove("chat");
  session.remove("draft");
  window.location.reload();
}

function onFailure(error) {
  if (error.code === "unauthorized") onState("refused");
  else showNotice(describe(error));
}

// --- Chats -------------------------------------------------------------------------------------

/** `newest`: the id of the newest message known; `seen`: the ids of those that a person wrote. */
function createChat(chatId) {
  return { chatId, sessionId: null, handoff: false, newest: null, seen: new Set(), isLoading: chatId !== null };
}

function noteNewest(of, messageId) {
  if (!of.newest || messageId > of.newest) of.newest = messageId;
}

/** Asks for what a person writes in the open chat, and wrote while nobody listened. */
function follow() {
  if (connection === "online" && chat.chatId && !chat.isLoading) transport.follow(chat.chatId, chat.newest);
}

function show(next) {
  cancel();
  hideNotice();
  conversation.clear();
  showHandoff("none");
  select(next);
  chat = next;
  transport.unfollow();
}

function select({ chatId }) {
  session.write("chat", chatId);
  sidebar.selectChat(chatId);
}

function startNewChat() {
  show(createChat(null));
  sidebar.closeDrawer();
  composer.focus();
}

async function open({ chat_id: chatId, title }) {
  await resume(chatId);
  announce(texts.opened(title || texts.untitled));
}

async function resume(chatId) {
  const resumed = createChat(chatId);
  show(resumed);
  await loadMessages(resumed, null);
  if (chat === resumed) conversation.scrollToEnd();
  composer.focus();
}

async function loadMessages(of, cursor) {
  const loadFrom = (from) => from && (() => loadMessages(of, from));
  try {
    const { items, nextCursor } = await listMessages(of.chatId, cursor);
    if (of !== chat) return;
    conversation.addEarlier(items.filter(({ message_id: id }) => !of.seen.has(id)), loadFrom(nextCursor));
    for (const { message_id: id, role } of items) {
      if (id) noteNewest(of, id);
      if (role === "operator") of.seen.add(id);
    }
    if (cursor) return;
    of.isLoading = false;
    follow();
  } catch (error) {
    if (error.code === "chat_not_found") of.chatId = null;
    if (of === chat) conversation.addEarlier([], loadFrom(cursor));
    onFailure(error);
  }
}

// --- Start -------------------------------------------------------------------------------------

const settingsRetry = createRetry(start);
let reconnect = settingsRetry.now;

async function start() {
  let settings;
  try {
    const response = await fetch("/chat-page/settings.json", { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(response.statusText);
    settings = await response.json();
  } catch {
    showConnection("offline");
    return settingsRetry.later();
  }
  setAuthMode(settings.auth_mode);
  document.getElementById("offline-model").hidden = settings.llm_provider !== "offline";
  document.getElementById("leave").hidden = !usesToken();
  if (usesToken() && !token()) keepToken(await askForToken());
  reconnect = transport.connect;
  transport.connect();
  const last = session.read("chat");
  if (last) await resume(last);
  else composer.focus();
}

setUpRating(rate);
composer.setUpComposer({ onAsk: ask, onStop: cancel });
sidebar.setUpSidebar({ onOpen: open, onFailure });
for (const button of document.querySelectorAll(".new-chat")) button.addEventListener("click", startNewChat);
document.getElementById("reconnect").addEventListener("click", () => reconnect());
document.getElementById("leave").addEventListener("click", leave);
for (const button of document.querySelectorAll(".starter")) {
  button.addEventListener("click", () => {
    composer.write(button.textContent.trim());
    document.getElementById("composer").requestSubmit();
  });
}
start();
