// Requests to the review's API.

import { request } from "/operator/page/api.js";

const BASE = "review/chats";

/**
 * @typedef {{chat_id: string, user: string, day: string, title: string, preview: string,
 *   created_at: string, updated_at: string}} Chat
 * @typedef {{node: string, milliseconds: number, input_tokens: number, output_tokens: number,
 *   tools: string[], error: string}} Step
 * @typedef {{rating: "good" | "bad", comment: string}} Thumb
 * @typedef {{message_id: string, role: string, content: string, created_at: string, steps: Step[],
 *   input_tokens: number, output_tokens: number, error_code: string | null, handed_over: boolean,
 *   user_rating: Thumb | null, operator_rating: Thumb | null, trace_id: string | null}} Message
 */

/**
 * A page of the chats that are looked for, the newest first.
 * @param {object} wanted see the parameters of GET /operator/api/review/chats
 * @returns {Promise<{items: Chat[], next_cursor: string | null, looked_at: number}>}
 */
export const findChats = (wanted) => request("GET", BASE, { query: wanted });

/**
 * A chat with a page of its newest messages, or of those before `cursor`; the newest first.
 * @param {string} chatId
 * @param {string | null} cursor
 * @returns {Promise<{chat: Chat, messages: {items: Message[], next_cursor: string | null}}>}
 */
export const readChat = (chatId, cursor = null) =>
  request("GET", `${BASE}/${encodeURIComponent(chatId)}`, { query: { limit: 50, order: "desc", cursor } });

/**
 * @param {string} chatId
 * @param {string} messageId
 * @param {{rating: "good" | "bad" | null, comment: string}} body
 * @returns {Promise<Thumb | null>}
 */
export const rateAnswer = (chatId, messageId, body) =>
  request("POST", `${messagePath(chatId, messageId)}/feedback`, { body });

/**
 * Keep the chat up to an answer as a case of the evals.
 * @param {string} chatId
 * @param {string} messageId
 * @returns {Promise<{line: string}>}
 */
export const collectCase = (chatId, messageId) => request("POST", `${messagePath(chatId, messageId)}/case`);

const messagePath = (chatId, messageId) =>
  `${BASE}/${encodeURIComponent(chatId)}/messages/${encodeURIComponent(messageId)}`;
