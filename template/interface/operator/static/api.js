// Requests to the operator's API.

import { readKey } from "./key.js";
import { texts } from "./texts.js";

const BASE = "/operator/api/";
const LIMIT_MS = 10_000;

/**
 * @typedef {{ticket_id: string, chat_id: string, user_id: string, channel: string, reason: string,
 *   summary: string, opened_at: string, waiting_since: string | null}} Ticket
 * @typedef {{message_id: string, role: string, content: string, created_at: string,
 *   delivery: string | null}} Message
 */

/** No answer, or one other than 2xx: `message` is a sentence for the operator, `code` is stable. */
export class RequestFailed extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @returns {Promise<{operator: string}>} */
export const whoAmI = () => request("GET", "me");

/**
 * The open tickets, the longest waiting first; `next_cursor` is null when these are all.
 * @param {number} limit
 * @returns {Promise<{items: Ticket[], next_cursor: string | null}>}
 */
export const listTickets = (limit) => request("GET", "tickets", { query: { limit } });

/**
 * The open ticket of a chat; the bot notes who asked for it.
 * @param {string} chatId
 * @returns {Promise<Ticket>}
 */
export const openTicket = (chatId) => request("GET", chatPath(chatId));

/**
 * A page of the newest messages, or of those before `cursor`; the newest first.
 * @param {string} chatId
 * @param {string | null} cursor
 * @returns {Promise<{items: Message[], next_cursor: string | null}>}
 */
export const listMessages = (chatId, cursor = null) =>
  request("GET", chatPath(chatId, "messages"), { query: { limit: 50, order: "desc", cursor } });

/**
 * @param {string} chatId
 * @param {string} text
 * @returns {Promise<Message>}
 */
export const sendMessage = (chatId, text) => request("POST", chatPath(chatId, "messages"), { body: { text } });

/**
 * Give the chat back to the bot.
 * @param {string} chatId
 * @returns {Promise<null>}
 */
export const releaseChat = (chatId) => request("POST", chatPath(chatId, "release"));

const chatPath = (chatId, ...rest) => ["chats", encodeURIComponent(chatId), ...rest].join("/");

/**
 * Ask the operator's API; null where it answers without a body.
 * @param {string} method
 * @param {string} path behind /operator/api/
 * @param {{query?: object, body?: object}} content
 */
export async function request(method, path, { query = {}, body } = {}) {
  const url = new URL(BASE + path, window.location.href);
  for (const [name, value] of Object.entries(query)) if (value != null) url.searchParams.set(name, value);
  const headers = { Authorization: `Bearer ${readKey()}` };
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    response = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal, credentials: "omit" });
    if (response.ok) return response.status === 204 ? null : await response.json();
  } catch {
    // What was asked for may have been done all the same.
    throw new RequestFailed("unreachable", method === "GET" ? texts.errors.unreachable : texts.errors.unanswered);
  }
  throw await toFailure(response);
}

async function toFailure(response) {
  const { code, detail } = await response.json().catch(() => ({}));
  if (code) return new RequestFailed(code, detail || texts.errors.unknown);
  // Not the bot's own answer but a proxy's: those of 5xx mean that the bot is away.
  if (response.status >= 500) return new RequestFailed("unreachable", texts.errors.unreachable);
  return new RequestFailed("unknown", texts.errors.unknown);
}
