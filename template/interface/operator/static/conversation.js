// The open conversation: whose it is, its messages, what the operator writes, and its end.

import { announce } from "./announcer.js";
import { listMessages, openTicket, sendMessage } from "./api.js";
import { channels } from "./channels.js";
import { focusComposer, forgetDraft, setUpComposer, showComposer } from "./composer.js";
import { authorOf, clearLog, deliveryOf, offerEarlier, scrollToEnd, showEarlier, showNewest } from "./log.js";
import { createPolling } from "./polling.js";
import { setUpReleaseDialog } from "./release-dialog.js";
import { texts } from "./texts.js";
import { wholeTime } from "./times.js";

const INTERVAL_MS = 2_000;

const view = document.getElementById("conversation");
const nothing = document.getElementById("nothing-open");
const heading = document.getElementById("conversation-heading");
const about = document.getElementById("about");
const summary = document.getElementById("summary");
const loading = document.getElementById("loading");
const closed = document.getElementById("closed");
const release = document.getElementById("release");

/** @type {{chatId: string, ticket: import("./api.js").Ticket | null, isLoaded: boolean, isClosed: boolean} | null} */
let current = null;
let polling;
let noteChange;

/**
 * @param {object} calls
 * @param {() => void} calls.onChange the operator wrote, so the list of tickets is another
 * @param {(chatId: string) => void} calls.onReleased the chat is the bot's again
 * @param {(task: () => Promise<void>) => () => Promise<void>} calls.watch tells people of failures
 */
export function setUpConversation({ onChange, onReleased, watch }) {
  noteChange = onChange;
  polling = createPolling(watch(refresh), INTERVAL_MS);
  setUpComposer(send);
  setUpReleaseDialog({
    getChatId: () => current.chatId,
    onReleased: (chatId) => {
      forgetDraft(chatId);
      onReleased(chatId);
    },
  });
}

/** @param {string | null} chatId null shows none */
export function showConversation(chatId) {
  current = chatId && { chatId, ticket: null, isLoaded: false, isClosed: false };
  polling.stop();
  clearLog();
  view.hidden = !current;
  nothing.hidden = Boolean(current);
  closed.hidden = true;
  release.disabled = true;
  loading.hidden = false;
  heading.textContent = texts.opening;
  about.textContent = "";
  summary.hidden = true;
  showComposer(chatId, true);
  if (!current) return;
  polling.start();
  focusComposer();
}

/** Says that the open chat is the bot's again, if it is not among the open ones any more. */
export function closeUnless(isOpen) {
  if (current?.isLoaded && !current.isClosed && !isOpen(current.chatId)) close(texts.closed);
}

/** Looks for new messages at once. */
export const refreshConversation = () => polling.now();

/** Asks no more until a conversation is shown again. */
export const pauseConversation = () => polling.stop();

async function refresh() {
  const of = current;
  try {
    if (!of.ticket) {
      const ticket = await openTicket(of.chatId);
      if (of !== current) return;
      showTicket(ticket);
    }
    const page = await listMessages(of.chatId);
    if (of === current) show(page);
  } catch (error) {
    if (of !== current) return;
    if (error.code !== "ticket_not_found") throw error;
    close(error.message);
  }
}

function showTicket(ticket) {
  current.ticket = ticket;
  clearLog(ticket.channel);
  heading.textContent = texts.ticket(ticket.ticket_id);
  about.textContent = [
    channels[ticket.channel]?.name ?? ticket.channel,
    texts.reasons[ticket.reason] ?? ticket.reason,
    texts.since(wholeTime(ticket.opened_at)),
    ticket.user_id,
  ].join(" · ");
  summary.textContent = ticket.summary;
  summary.hidden = !ticket.summary;
  release.disabled = false;
}

function show(page) {
  const { added, failed, joined } = showNewest(page.items.toReversed());
  loading.hidden = true;
  if (!current.isLoaded || !joined) offer(current, page.next_cursor);
  if (!current.isLoaded) scrollToEnd();
  else if (failed.length) announce(failed.map(deliveryOf).join(" "));
  else announceNew(added);
  current.isLoaded = true;
}

function announceNew(messages) {
  const fromOthers = messages.filter(({ role }) => role !== "operator");
  if (fromOthers.length) announce(fromOthers.map((message) => `${authorOf(message)}: ${message.content}`).join(" "));
}

function offer(of, cursor, problem = "") {
  offerEarlier(cursor && (() => loadEarlier(of, cursor)), problem);
}

async function loadEarlier(of, cursor) {
  try {
    const page = await listMessages(of.chatId, cursor);
    if (of !== current) return;
    showEarlier(page.items.toReversed());
    offer(of, page.next_cursor);
  } catch (error) {
    if (of === current) offer(of, cursor, error.message);
  }
}

async function send(chatId, text) {
  await sendMessage(chatId, text);
  announce(texts.sent);
  noteChange();
  if (current?.chatId !== chatId) return;
  // Read back rather than shown at once: the user may have written something before it.
  scrollToEnd();
  polling.now();
}

function close(reason) {
  current.isClosed = true;
  polling.stop();
  loading.hidden = true;
  release.disabled = true;
  closed.hidden = false;
  closed.textContent = reason;
  showComposer(current.chatId, false);
}
