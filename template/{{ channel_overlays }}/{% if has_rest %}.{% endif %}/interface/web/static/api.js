// Requests to the bot's REST endpoints.

import { token } from "./identity.js";

/** An answer other than 2xx; `code` and `message` are those of its problem details. */
export class RequestFailed extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// For answers without problem details, such as a proxy's.
const CODES = { 401: "unauthorized", 404: "chat_not_found", 429: "rate_limited" };

/** Returns the response; throws RequestFailed, or fetch's own error if none came. */
export async function request(method, path, { query = {}, body, signal } = {}) {
  const url = new URL(path, window.location.href);
  for (const [name, value] of Object.entries(query)) if (value != null) url.searchParams.set(name, value);
  const headers = body ? { "Content-Type": "application/json" } : {};
  if (token()) headers.Authorization = `Bearer ${token()}`;
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal });
  if (!response.ok) throw await toFailure(response);
  return response;
}

async function toFailure(response) {
  const problem = await response.json().catch(() => ({}));
  const code = problem.code ?? CODES[response.status] ?? "unknown";
  return new RequestFailed(code, problem.detail ?? problem.title ?? "");
}
