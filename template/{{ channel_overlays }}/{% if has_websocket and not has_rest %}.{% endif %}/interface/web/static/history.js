// Past chats, kept by this browser: the most recent ones, within bounds.

import { usesToken } from "./identity.js";
import { local, session } from "./storage.js";

const MOST_CHATS = 30;
const MOST_MESSAGES = 100;
const MOST_CHARACTERS = 1_000_000;
const LONGEST_TITLE = 60;
const LONGEST_PREVIEW = 120;

// Whoever needs a token may share this computer: their chats go when the token does.
const store = () => (usesToken() ? session : local);
const readChats = () => store().read("chats") ?? [];

/** Returns {items, nextCursor}, the most recent chat first; all of them are one page. */
export async function listChats() {
  return { items: readChats().map(({ messages, ...chat }) => chat), nextCursor: null };
}

/** Returns {items, nextCursor}: the messages kept of a chat, oldest first. */
export async function listMessages(chatId) {
  const chat = readChats().find((candidate) => candidate.chat_id === chatId);
  return { items: chat?.messages ?? [], nextCursor: null };
}

export async function renameChat(chatId, title) {
  writeChats(readChats().map((chat) => (chat.chat_id === chatId ? { ...chat, title } : chat)));
}

/** Keeps a question and its answer, which has the id. */
export function recordTurn(chatId, question, answer, messageId) {
  const now = new Date().toISOString();
  const added = [{ role: "user", content: question, created_at: now }];
  if (answer) added.push({ message_id: messageId, role: "assistant", content: answer, created_at: now });
  record(chatId, added);
}

/** Keeps what a person wrote. */
export function recordOperatorMessage({ chat_id: chatId, message_id, content, created_at }) {
  const known = readChats().find((chat) => chat.chat_id === chatId);
  if (known?.messages.some((message) => message.message_id === message_id)) return;
  record(chatId, [{ message_id, role: "operator", content, created_at }]);
}

/** Keeps what the person thinks of an answer. */
export function recordRating(chatId, messageId, rating) {
  const rated = (message) => (message.message_id === messageId ? { ...message, rating } : message);
  const withRating = (chat) => (chat.chat_id === chatId ? { ...chat, messages: chat.messages.map(rated) } : chat);
  writeChats(readChats().map(withRating));
}

function record(chatId, added) {
  const known = readChats().find((chat) => chat.chat_id === chatId);
  const others = readChats().filter((chat) => chat.chat_id !== chatId);
  const { content, created_at: now } = added.at(-1);
  const chat = {
    chat_id: chatId,
    title: known?.title ?? cut(added[0].content, LONGEST_TITLE),
    preview: cut(content, LONGEST_PREVIEW),
    created_at: known?.created_at ?? now,
    updated_at: now,
    messages: [...(known?.messages ?? []), ...added].slice(-MOST_MESSAGES),
  };
  writeChats([chat, ...others].slice(0, MOST_CHATS));
}

export function forgetChats() {
  store().remove("chats");
}

function writeChats(chats) {
  const kept = [...chats];
  while (kept.length > 1 && JSON.stringify(kept).length > MOST_CHARACTERS) kept.pop();
  while (!store().write("chats", kept) && kept.length > 1) kept.pop();
}

// By grapheme, so that no emoji is cut in half.
function cut(text, length) {
  const graphemes = Array.from(new Intl.Segmenter().segment(text.trim()), ({ segment }) => segment);
  return graphemes.length > length ? `${graphemes.slice(0, length - 1).join("")}…` : graphemes.join("");
}
