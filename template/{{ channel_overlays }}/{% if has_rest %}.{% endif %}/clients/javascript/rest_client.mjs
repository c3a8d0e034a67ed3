/**
 * A client of the bot's REST API for browsers and Node 20 or newer, to copy into an application.
 *
 *     node clients/javascript/rest_client.mjs "Hello!" "And tomorrow?"
 *     node clients/javascript/rest_client.mjs --url https://bot.example.com --token KEY --whole "Hello!"
 */

// A little longer than the bot itself gives a turn.
const ANSWER_MS = 200_000;

/**
 * The bot refused or failed; `code` is stable, `message` is for people, `status` the HTTP status (0
 * where there was none), `retryAfter` the seconds to wait, if told.
 */
export class BotError extends Error {
  constructor(code, message, status = 0, retryAfter = null) {
    super(message);
    this.name = "BotError";
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * One user's conversations over HTTP.
 *
 * Options: `url`, where the bot is; `userId`, unless the token names the user; `token`, where the bot
 * asks for one; `chatId`, a chat to go on with.
 */
export class ChatbotClient {
  #url;
  #userId;
  #headers;
  #read = new Set();

  constructor({ url, userId = null, token = null, chatId = null }) {
    this.chatId = chatId;
    this.sessionId = null;
    this.#url = url.replace(/\/+$/, "");
    this.#userId = userId;
    this.#headers = token ? { Authorization: `Bearer ${token}` } : {};
  }

  /**
   * Ask, and return `{text, messageId, chatId, sessionId, handoff}`. Aborting `signal` ends the turn. With
   * `handoff` a person goes on with the chat: further answers are empty, and `operatorMessages` returns
   * what the person writes, until an answer comes without `handoff`.
   */
  async ask(question, { signal = null } = {}) {
    const response = await this.#complete(question, false, signal);
    return this.#keep(await response.json());
  }

  /**
   * Ask with the answer in pieces: `onToken` is called with each as it is written. Returns what `ask`
   * returns. Aborting `signal` ends the turn at the bot too.
   */
  async stream(question, onToken, { signal = null } = {}) {
    const response = await this.#complete(question, true, signal);
    for await (const event of events(response)) {
      switch (event.type) {
        case "start":
          this.chatId = event.chat_id;
          this.sessionId = event.session_id;
          break;
        case "token":
          onToken(event.delta);
          break;
        case "error":
          throw new BotError(event.code, event.message, response.status);
        case "end":
          return this.#keep(event);
      }
    }
    throw new BotError("connection_lost", "The answer broke off.");
  }

  /** Return a page of the user's chats, the newest first: `{items, next_cursor}`. */
  async chats({ limit = 20, cursor = null } = {}) {
    return this.#json("GET", "/api/chats/", { limit, cursor });
  }

  /** Return a page of a chat's messages, the oldest first: `{items, next_cursor}`. */
  async messages(chatId, { limit = 20, cursor = null } = {}) {
    return this.#json("GET", `/api/chats/${encodeURIComponent(chatId)}/messages`, { limit, cursor });
  }

  /**
   * Return what a person wrote in this chat and was not returned before, the oldest first; to be called
   * every two seconds or so while a person has the chat. It looks at the newest 100 messages.
   */
  async operatorMessages() {
    if (this.chatId === null) return [];
    const path = `/api/chats/${encodeURIComponent(this.chatId)}/messages`;
    const { items } = await this.#json("GET", path, { limit: 100, order: "desc" });
    const added = items.filter(({ role, message_id: id }) => role === "operator" && !this.#read.has(id));
    for (const { message_id: id } of added) this.#read.add(id);
    return added.reverse();
  }

  /** Give a chat a title; returns the chat. */
  async rename(chatId, title) {
    return this.#json("PATCH", `/api/chats/${encodeURIComponent(chatId)}/title`, {}, { title });
  }

  /**
   * Say that an answer is `"good"` or `"bad"`, instead of what was said before; null takes it back. A
   * comment has at most 1,000 characters.
   */
  async rate(chatId, messageId, rating, comment = null) {
    const path = `/api/chats/${encodeURIComponent(chatId)}/messages/${encodeURIComponent(messageId)}/feedback`;
    return this.#json("POST", path, {}, { rating, comment });
  }

  async #complete(question, stream, signal) {
    const body = {
      user_id: this.#userId,
      question,
      chat_id: this.chatId,
      session_id: this.sessionId,
      stream,
    };
    return this.#fetch("POST", "/api/chats/completions", body, signal);
  }

  async #json(method, path, query, body = null) {
    const given = Object.entries({ user_id: this.#userId, ...query }).filter(([, value]) => value !== null);
    const response = await this.#fetch(method, `${path}?${new URLSearchParams(given)}`, body);
    return response.json();
  }

  async #fetch(method, path, body, signal = null) {
    const limits = [AbortSignal.timeout(ANSWER_MS), ...(signal ? [signal] : [])];
    const request = { method, headers: { ...this.#headers }, signal: AbortSignal.any(limits) };
    if (body !== null) {
      request.headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    let response;
    try {
      response = await fetch(this.#url + path, request);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new BotError("unreachable", `No answer from ${this.#url}: ${error.cause?.code ?? error.message}`);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  #keep(body) {
    this.chatId = body.chat_id;
    this.sessionId = body.session_id;
    return {
      text: body.full_text,
      messageId: body.message_id,
      chatId: body.chat_id,
      sessionId: body.session_id,
      handoff: body.handoff === true,
    };
  }
}

/** Yield the server-sent events of a response. */
async function* events(response) {
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let waiting = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (waiting + decoder.decode(value, { stream: true })).split("\n\n");
      waiting = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").filter((line) => line.startsWith("data:"));
        if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5)).join("\n"));
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function problemOf(response) {
  const { status } = response;
  const wait = response.headers.get("Retry-After");
  const retryAfter = /^\d+$/.test(wait ?? "") ? Number(wait) : null;
  try {
    const { code, detail } = await response.json();
    if (typeof code === "string") return new BotError(code, detail, status, retryAfter);
  } catch {
    // Not the bot's own answer, but that of something in front of it.
  }
  return new BotError("refused", `The server answered ${status}.`, status, retryAfter);
}

async function main() {
  const { parseArgs } = await import("node:util");
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: "string", default: "http://127.0.0.1:8181" },
      user: { type: "string", default: "user_123" },
      token: { type: "string", default: process.env.CHATBOT_TOKEN },
      chat: { type: "string" },
      whole: { type: "boolean", default: false },
    },
  });
  const client = new ChatbotClient({
    url: values.url,
    userId: values.user,
    token: values.token,
    chatId: values.chat,
  });
  try {
    for (const question of positionals) {
      const answer = values.whole
        ? await client.ask(question)
        : await client.stream(question, (piece) => process.stdout.write(piece));
      if (values.whole) process.stdout.write(answer.text);
      process.stdout.write(answer.text ? "\n\n" : "\n");
      if (!answer.handoff) continue;
      for (const { content } of await client.operatorMessages()) process.stdout.write(`[person] ${content}\n\n`);
      console.error(`(A person has the chat; go on with --chat ${answer.chatId})`);
    }
  } catch (error) {
    if (!(error instanceof BotError)) throw error;
    console.error(`${error.message} (${error.code})`);
    process.exitCode = 1;
  }
}

if (globalThis.process?.argv?.[1]) {
  const { pathToFileURL } = await import("node:url");
  if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
}
