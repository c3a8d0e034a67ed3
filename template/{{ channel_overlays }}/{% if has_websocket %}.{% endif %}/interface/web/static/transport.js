// Carries questions and events over one WebSocket that is opened again whenever it closes.

import { token, userId } from "./identity.js";
import { createRetry } from "./retry.js";

const CONNECT_LIMIT_MS = 10_000;
const STABLE_AFTER_MS = 5_000;
const RATING_LIMIT_MS = 10_000;

// A browser does not tell a refused handshake from a lost one; two in a row from a server that answers are a refusal.
const HANDSHAKES_TO_A_REFUSAL = 2;

/** `onState(state)`: connecting, online, offline or refused; `onEvent(event)`: what the bot sends. */
export function createTransport({ onState, onEvent }) {
  let socket = null;
  let failedHandshakes = 0;
  // Each is answered in its turn, by an event that says it is about them.
  let ratings = [];
  const retry = createRetry(open);

  function open() {
    close();
    try {
      socket = new WebSocket(address(), token() ? [`bearer.${token()}`] : []);
    } catch {
      // The token holds a character that no subprotocol may have.
      onState("refused");
      return;
    }
    listen(socket);
  }

  function listen(opened) {
    let greetedAt = null;
    const limit = setTimeout(() => opened.close(), CONNECT_LIMIT_MS);

    opened.onmessage = ({ data }) => {
      const event = parse(data);
      if (event?.type === "feedback_recorded") return ratings.shift()?.resolve();
      if (event?.request === "feedback") return ratings.shift()?.reject(event);
      if (event?.type !== "connected") return event && onEvent(event);
      clearTimeout(limit);
      greetedAt = performance.now();
      failedHandshakes = 0;
      onState("online");
    };

    opened.onclose = async () => {
      clearTimeout(limit);
      if (opened !== socket) return;
      socket = null;
      loseRatings();
      onState("offline");
      if (greetedAt && performance.now() - greetedAt > STABLE_AFTER_MS) retry.reset();
      if (!greetedAt && token() && (await serverAnswers())) failedHandshakes += 1;
      if (failedHandshakes < HANDSHAKES_TO_A_REFUSAL) return retry.later();
      failedHandshakes = 0;
      onState("refused");
    };
  }

  function close() {
    retry.stop();
    const closing = socket;
    socket = null;
    loseRatings();
    closing?.close();
  }

  function loseRatings() {
    const lost = ratings;
    ratings = [];
    for (const { reject } of lost) reject({ code: "connection_lost" });
  }

  /** Sends what the person thinks of an answer; resolves once it is kept. */
  function rate(feedback) {
    return new Promise((resolve, reject) => {
      if (!send({ type: "feedback", user_id: userId(), ...feedback })) return reject({ code: "connection_lost" });
      // An answer that stays away would be taken for that of the next one.
      const timer = setTimeout(drop, RATING_LIMIT_MS);
      ratings.push({
        resolve: () => resolve(clearTimeout(timer)),
        reject: (error) => reject((clearTimeout(timer), error)),
      });
    });
  }

  /** Gives up a turn that the server no longer answers. */
  function drop() {
    close();
    onState("offline");
    retry.later();
  }

  function send(message) {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  return {
    connect: open,
    close,
    ask: (question) => send({ ...question, user_id: userId(), stream: true }),
    cancel: () => send({ type: "cancel" }),
    rate,
    drop,

    /** Asks for what people write in a chat, from the message behind `after` on; asking in a chat does so too. */
    follow: (chatId, after) => send({ type: "follow", user_id: userId(), chat_id: chatId, after }),

    // A connection follows one chat, and what comes of the last one is not shown in another.
    unfollow() {},
  };
}

// The page's policy allows this address as 'self', which covers sockets to the page's own host.
function address() {
  const url = new URL("/ws/chat/completions", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

async function serverAnswers() {
  try {
    return (await fetch("/chat-page/settings.json", { signal: AbortSignal.timeout(CONNECT_LIMIT_MS) })).ok;
  } catch {
    return false;
  }
}
