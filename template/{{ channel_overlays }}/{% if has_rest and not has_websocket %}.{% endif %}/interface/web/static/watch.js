// Looks for what a person writes, for as long as a chat is handed over and the page is visible.

import { listMessages } from "./history.js";
import { session } from "./storage.js";

const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
const MOST_CHATS = 50;

/** `onEvent(event)`: `following` once for each chat followed, `operator_message` for each message in it. */
export function createWatch(onEvent) {
  let chatId = null;
  let failures = 0;
  let timer = 0;
  let attempt = 0;

  async function look() {
    clearTimeout(timer);
    if (!chatId || document.hidden) return;
    const mine = ++attempt;
    const of = chatId;
    try {
      const { items } = await listMessages(of, null);
      failures = 0;
      if (mine === attempt && of === chatId) tell(items);
    } catch {
      failures += 1;
    }
    if (mine === attempt) timer = setTimeout(look, Math.min(PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
  }

  function tell(items) {
    for (const { role, ...message } of items) {
      if (role === "operator") onEvent({ type: "operator_message", chat_id: chatId, ...message });
    }
  }

  function watch(of) {
    chatId = of;
    failures = 0;
    attempt += 1; // What is under way is of another chat, or too late.
    look();
  }

  function unfollow() {
    chatId = null;
    attempt += 1;
    clearTimeout(timer);
  }

  document.addEventListener("visibilitychange", look);

  return {
    unfollow,

    /** Looks at once, and goes on if the chat is handed over. */
    async follow(of) {
      const mine = ++attempt;
      const { items } = await listMessages(of, null).catch(() => ({ items: [] }));
      // A browser that was closed meanwhile has forgotten it, but a person had the last word.
      const isWatched = isHandedOver(of) || items.at(-1)?.role === "operator";
      if (mine !== attempt || !isWatched) return;
      onEvent({ type: "following", chat_id: of, handoff: true });
      watch(of);
    },

    /** Notes whether a person has the chat, as the end of each turn says. */
    noteHandoff(of, handoff) {
      const others = readHandedOver().filter((other) => other !== of);
      session.write("handed-over", handoff ? [of, ...others].slice(0, MOST_CHATS) : others);
      if (handoff) watch(of);
      else if (of === chatId) unfollow();
    },
  };
}

const readHandedOver = () => session.read("handed-over") ?? [];
const isHandedOver = (chatId) => readHandedOver().includes(chatId);
