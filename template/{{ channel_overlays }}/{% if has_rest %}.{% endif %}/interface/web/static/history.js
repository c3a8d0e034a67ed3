// Past chats, kept by the bot.

import { request } from "./api.js";
import { userId } from "./identity.js";

const PAGE = 30;
const LIMIT_MS = 20_000;

/** Returns {items, nextCursor}, the newest chat first. */
export const listChats = (cursor) => listPage("/api/chats/", cursor);

/** Returns {items, nextCursor}: a page of the newest messages, or of those before `cursor`, oldest first. */
export async function listMessages(chatId, cursor) {
  const page = await listPage(`/api/chats/${encodeURIComponent(chatId)}/messages`, cursor);
  return { ...page, items: page.items.reverse() };
}

export async function renameChat(chatId, title) {
  await request("PATCH", `/api/chats/${encodeURIComponent(chatId)}/title`, {
    query: { user_id: userId() },
    body: { title },
    signal: AbortSignal.timeout(LIMIT_MS),
  });
}

// The bot has stored what was said, and this browser holds nothing that it could forget.
export function recordTurn() {}
export function recordOperatorMessage() {}
export function recordRating() {}
export function forgetChats() {}

async function listPage(path, cursor) {
  const query = { user_id: userId(), limit: PAGE, order: "desc", cursor };
  const response = await request("GET", path, { query, signal: AbortSignal.timeout(LIMIT_MS) });
  const { items, next_cursor } = await response.json();
  return { items, nextCursor: next_cursor };
}
