/**
 * A client of the bot's WebSocket for browsers and Node 20 or newer, to copy into an application.
 *
 *     node clients/javascript/websocket_client.mjs "Hello!" "And tomorrow?"
 *     node clients/javascript/websocket_client.mjs --url https://bot.example.com --token KEY "Hello!"
 *
 * Node 20 has a WebSocket only with the option --experimental-websocket; 22 and newer need no option.
 */

const PATH = "/ws/chat/completions";
// A little longer than the bot itself gives a turn.
const ANSWER_MS = 200_000;
const CONNECT_MS = 10_000;
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** The bot refused or failed; `code` is stable, `message` is for people. */
export class BotError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "BotError";
    this.code = code;
  }
}

/**
 * One conversation over one connection, which is opened again when it is lost.
 *
 * Options: `url`, where the bot is; `userId`, unless the token names the user; `token`, where the bot
 * asks for one; `chatId`, a chat to go on with; `onOperatorMessage`, called with `{messageId, text}` of
 * what a person writes in the chat; `onHandoffEnded`, called when they give it back to the bot.
 */
export class ChatbotClient {
  #url;
  #userId;
  #protocols;
  #socket = null;
  #turn = null;
  // Each is answered in its turn.
  #ratings = [];
  #isHandedOver = false;
  #newest = null;
  #read = new Set();
  #onOperatorMessage;
  #onHandoffEnded;

  constructor({
    url,
    userId = null,
    token = null,
    chatId = null,
    onOperatorMessage = () => {},
    onHandoffEnded = () => {},
  }) {
    this.#onOperatorMessage = onOperatorMessage;
    this.#onHandoffEnded = onHandoffEnded;
    this.chatId = chatId;
    this.sessionId = null;
    this.#url = url.replace(/\/+$/, "").replace(/^http/, "ws") + PATH;
    this.#userId = userId;
    // A browser cannot set a header on a socket; the token travels as a subprotocol.
    this.#protocols = token ? [`bearer.${token}`] : [];
  }

  /** Connect, with growing pauses between the attempts. A refusal looks like a bot out of reach. */
  async connect() {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await pause(attempt);
      this.#socket = await this.#open();
      if (!this.#socket) continue;
      if (this.#isHandedOver) this.follow();
      return;
    }
    throw new BotError("unreachable", `No connection to ${this.#url}.`);
  }

  /**
   * Ask, and return `{text, messageId, chatId, sessionId, handoff}`; `onToken` is called with the pieces
   * of the answer as they are written. With `handoff` a person goes on with the chat, and further
   * answers are empty until they give it back. Aborting `signal` cancels the turn at the bot. A question is never
   * asked twice: where the connection is lost behind it, the error is `connection_lost`.
   */
  async ask(question, { onToken = null, signal = null } = {}) {
    signal?.throwIfAborted();
    if (this.#turn) throw new BotError("turn_in_progress", "An answer is being written.");
    if (this.#socket?.readyState !== WebSocket.OPEN) await this.connect();
    const socket = this.#socket;
    const cancel = () => this.cancel();
    const timer = setTimeout(() => this.#fail("timeout", "The bot did not answer in time."), ANSWER_MS);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#turn = { resolve, reject, onToken };
        socket.send(
          JSON.stringify({
            user_id: this.#userId,
            question,
            chat_id: this.chatId,
            session_id: this.sessionId,
            stream: onToken !== null,
          }),
        );
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      this.#turn = null;
    }
  }

  /**
   * Say that an answer of this chat is `"good"` or `"bad"`, instead of what was said before; null takes
   * it back. A comment has at most 1,000 characters. It may be called at any time, also during `ask`.
   */
  async rate(messageId, rating, comment = null) {
    if (this.#socket?.readyState !== WebSocket.OPEN) await this.connect();
    const about = { chat_id: this.chatId, message_id: messageId, rating, comment };
    this.#socket.send(JSON.stringify({ type: "feedback", user_id: this.#userId, ...about }));
    return new Promise((resolve, reject) => {
      // An answer that stays away would be taken for that of the next one.
      const timer = setTimeout(() => this.#fail("timeout", "The bot did not answer in time."), CONNECT_MS);
      this.#ratings.push({
        resolve: () => resolve(clearTimeout(timer)),
        reject: (error) => reject((clearTimeout(timer), error)),
      });
    });
  }

  /** Cancel the answer that is being written: its `ask` fails with the code `cancelled`. */
  cancel() {
    if (this.#turn) this.#socket?.send(JSON.stringify({ type: "cancel" }));
  }

  /** Listen to a person in the chat `chatId`, as after a reload; asking in a chat does so by itself. */
  follow() {
    const request = { type: "follow", user_id: this.#userId, chat_id: this.chatId, after: this.#newest };
    this.#socket?.send(JSON.stringify(request));
  }

  /** Disconnect; the bot ends the session, and the next question connects again. */
  close() {
    this.#socket?.close();
    this.#socket = null;
  }

  /** Return a socket that the bot has greeted, or null. */
  #open() {
    return new Promise((resolve) => {
      const socket = new WebSocket(this.#url, this.#protocols);
      const timer = setTimeout(() => socket.close(), CONNECT_MS);
      const settle = (result) => {
        clearTimeout(timer);
        resolve(result);
      };
      socket.onmessage = (message) => {
        const event = JSON.parse(message.data);
        if (event.type === "connected") settle(socket);
        else this.#receive(event);
      };
      // An error is always followed by a close.
      socket.onerror = () => {};
      socket.onclose = () => {
        settle(null);
        if (this.#socket === socket || this.#socket === null) {
          this.#socket = null;
          this.#reject(new BotError("connection_lost", "The connection was lost."));
        }
      };
    });
  }

  #receive(event) {
    switch (event.type) {
      case "start":
        this.chatId = event.chat_id;
        this.sessionId = event.session_id;
        break;
      case "token":
        this.#turn?.onToken?.(event.delta);
        break;
      case "feedback_recorded":
        this.#ratings.shift()?.resolve();
        break;
      case "error": {
        const error = new BotError(event.code, event.message);
        if (event.request === "feedback") this.#ratings.shift()?.reject(error);
        else this.#turn?.reject(error);
        break;
      }
      case "end":
        if (event.full_text) this.#note(event.message_id);
        this.#isHandedOver = event.handoff === true;
        this.#turn?.resolve({
          text: event.full_text,
          messageId: event.message_id,
          chatId: event.chat_id,
          sessionId: event.session_id,
          handoff: this.#isHandedOver,
        });
        break;
      case "operator_message":
        if (this.#read.has(event.message_id)) break;
        this.#read.add(event.message_id);
        this.#note(event.message_id);
        this.#onOperatorMessage({ messageId: event.message_id, text: event.content });
        break;
      case "following":
        if (this.#isHandedOver && !event.handoff) this.#onHandoffEnded();
        this.#isHandedOver = event.handoff;
        break;
      case "handoff_ended":
        this.#isHandedOver = false;
        this.#onHandoffEnded();
        break;
    }
  }

  #note(messageId) {
    if (this.#newest === null || messageId > this.#newest) this.#newest = messageId;
  }

  #fail(code, message) {
    this.#reject(new BotError(code, message));
    this.close();
  }

  #reject(error) {
    this.#turn?.reject(error);
    for (const rating of this.#ratings.splice(0)) rating.reject(error);
  }
}

/** Wait before an attempt: twice as long each time, and not the same for all clients. */
function pause(attempt) {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
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
    },
  });
  let ended = () => {};
  const client = new ChatbotClient({
    url: values.url,
    userId: values.user,
    token: values.token,
    chatId: values.chat,
    onOperatorMessage: ({ text }) => process.stdout.write(`[person] ${text}\n\n`),
    onHandoffEnded: () => ended(),
  });
  try {
    let answer = null;
    for (const question of positionals) {
      answer = await client.ask(question, { onToken: (piece) => process.stdout.write(piece) });
      process.stdout.write(answer.text ? "\n\n" : "\n");
    }
    if (answer?.handoff) {
      console.error("(A person has the chat; Ctrl-C leaves.)");
      await new Promise((resolve) => (ended = resolve));
    }
  } catch (error) {
    if (!(error instanceof BotError)) throw error;
    console.error(`${error.message} (${error.code})`);
    process.exitCode = 1;
  } finally {
    client.close();
  }
}

/** Run this file again with the option that Node 20 needs. */
async function restart() {
  const { spawnSync } = await import("node:child_process");
  const options = ["--experimental-websocket", "--no-warnings"];
  const done = spawnSync(process.execPath, [...options, ...process.argv.slice(1)], { stdio: "inherit" });
  process.exitCode = done.status ?? 1;
}

if (globalThis.process?.argv?.[1]) {
  const { pathToFileURL } = await import("node:url");
  const isProgram = import.meta.url === pathToFileURL(process.argv[1]).href;
  if (isProgram) await (globalThis.WebSocket ? main() : restart());
}
