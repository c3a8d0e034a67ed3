// Carries a question as one request, and its events as the stream that answers it.

import { request, RequestFailed } from "./api.js";
import { userId } from "./identity.js";
import { createRetry } from "./retry.js";
import { createWatch } from "./watch.js";

const CONNECT_LIMIT_MS = 10_000;
const RATING_LIMIT_MS = 10_000;
const LONGEST_EVENT = 2_000_000;

/** `onState(state)`: connecting, online, offline or refused; `onEvent(event)`: what the bot sends. */
export function createTransport({ onState, onEvent }) {
  let turn = null;
  const retry = createRetry(connect);
  const watch = createWatch(onEvent);

  async function connect() {
    retry.stop();
    try {
      await request("GET", "/health", { signal: AbortSignal.timeout(CONNECT_LIMIT_MS) });
    } catch {
      return lose();
    }
    retry.reset();
    onState("online");
  }

  function lose() {
    onState("offline");
    retry.later();
  }

  async function ask(question) {
    const asked = new AbortController();
    turn = asked;
    try {
      const body = { ...question, user_id: userId(), stream: true };
      const response = await request("POST", "/api/chats/completions", { body, signal: asked.signal });
      if (!(await forward(response.body, pass))) lose();
    } catch (error) {
      if (asked.signal.aborted) onEvent({ type: "error", code: "cancelled" });
      else if (!(error instanceof RequestFailed)) lose();
      else fail(error);
    } finally {
      asked.abort(); // Of a stream that was given up half-way, the rest is not wanted.
    }
  }

  function pass(event) {
    if (event.type === "end") watch.noteHandoff(event.chat_id, event.handoff === true);
    onEvent(event);
  }

  function fail({ code, message }) {
    onEvent({ type: "error", code, message });
    if (code === "unauthorized") onState("refused");
  }

  /** Sends what the person thinks of an answer; resolves once it is kept. */
  async function rate({ chat_id: chatId, message_id: messageId, ...body }) {
    const path = `/api/chats/${encodeURIComponent(chatId)}/messages/${encodeURIComponent(messageId)}/feedback`;
    const signal = AbortSignal.timeout(RATING_LIMIT_MS);
    try {
      await request("POST", path, { query: { user_id: userId() }, body, signal });
    } catch (error) {
      throw error instanceof RequestFailed ? error : { code: "connection_lost" };
    }
  }

  function close() {
    retry.stop();
    turn?.abort();
  }

  /** Gives up a turn that the server no longer answers. */
  function drop() {
    turn?.abort();
    lose();
  }

  const { follow, unfollow } = watch;
  return { connect, close, ask, cancel: () => turn?.abort(), rate, drop, follow, unfollow };
}

/** Passes each event on; returns whether the last one ended the turn, as it does unless the connection broke. */
async function forward(stream, onEvent) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  let ended = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ended;
    pending += value;
    if (pending.length > LONGEST_EVENT) throw new Error("An event is longer than any answer.");
    const lines = pending.split(/\r?\n/);
    pending = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const event = JSON.parse(line.slice("data:".length));
      ended = event.type === "end" || event.type === "error";
      onEvent(event);
    }
  }
}
