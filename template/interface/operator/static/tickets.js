// The list of open tickets.

import { announce } from "./announcer.js";
import { listTickets } from "./api.js";
import { channels } from "./channels.js";
import { setHidden } from "./focus.js";
import { createPolling } from "./polling.js";
import { texts } from "./texts.js";
import { duration, minutesSince, wholeTime } from "./times.js";

const INTERVAL_MS = 3_000;
const PAGE = 20;
// The API's own limit. Those beyond it have waited the shortest: they come up as others are done.
const MOST = 100;
const LONG_WAIT_MINUTES = 5;
const AFTER_ALL_TIMES = "~";

const heading = document.getElementById("tickets-heading");
const list = document.getElementById("tickets");
const status = document.getElementById("tickets-status");
const more = document.getElementById("more-tickets");
const template = document.getElementById("ticket-template");
const title = document.title;

/** @type {import("./api.js").Ticket[]} */
let tickets = [];
let known = null;
let limit = PAGE;
let hasMore = false;
let selected = null;
let openTicket = () => {};
let noteClosed = () => {};

/**
 * @param {object} calls
 * @param {(chatId: string) => void} calls.onOpen one was chosen
 * @param {(isOpen: (chatId: string) => boolean) => void} calls.onListed the list is complete
 * @param {(task: () => Promise<void>) => () => Promise<void>} calls.watch tells people of failures
 */
export function setUpTickets({ onOpen, onListed, watch }) {
  openTicket = onOpen;
  noteClosed = onListed;
  const polling = createPolling(watch(refresh), INTERVAL_MS);
  more.addEventListener("click", () => {
    limit = Math.min(limit + PAGE, MOST);
    polling.now();
  });
  return polling;
}

/** @param {string | null} chatId */
export function selectTicket(chatId) {
  selected = chatId;
  draw();
}

export function forgetTickets() {
  tickets = [];
  known = null;
  limit = PAGE;
  draw();
}

/** Focuses the row of a chat, or what stands for the list where it is not in it. */
export function focusTicket(chatId) {
  const row = [...list.children].find((candidate) => candidate.dataset.chatId === chatId);
  (row?.querySelector("button") ?? heading).focus();
}

/** @param {string} chatId */
export function removeTicket(chatId) {
  tickets = tickets.filter((ticket) => ticket.chat_id !== chatId);
  draw();
}

async function refresh() {
  const page = await listTickets(limit);
  tickets = page.items.toSorted(byWait);
  hasMore = page.next_cursor !== null && limit < MOST;
  announceNew();
  draw();
  const open = new Set(tickets.map((ticket) => ticket.chat_id));
  if (page.next_cursor === null) noteClosed((chatId) => open.has(chatId));
}

/** Who waits goes before whom an operator has answered, and the longest wait first. */
function byWait(one, other) {
  const [first, second] = [one, other].map((ticket) => ticket.waiting_since ?? AFTER_ALL_TIMES);
  return first === second ? 0 : first < second ? -1 : 1;
}

function announceNew() {
  const now = new Set(tickets.map((ticket) => ticket.ticket_id));
  // Those that a larger page brought are not new: they stand at its end, and have waited for a while.
  const isNew = (ticket) => !known.has(ticket.ticket_id) && minutesSince(ticket.opened_at) < 1;
  const added = known ? tickets.filter(isNew) : [];
  known = now;
  if (added.length) announce(texts.newTickets(added.length));
}

function draw() {
  const waiting = tickets.filter((ticket) => ticket.waiting_since).length;
  document.title = waiting ? `(${waiting}) ${title}` : title;
  status.textContent = known ? texts.noTickets : texts.loading;
  status.hidden = tickets.length > 0;
  document.body.toggleAttribute("data-no-tickets", !tickets.length);

  const focused = document.activeElement;
  const hadFocus = list.contains(focused);
  const rows = new Map(Array.from(list.children, (row) => [row.dataset.chatId, row]));
  list.replaceChildren(...tickets.map((ticket) => fill(rows.get(ticket.chat_id) ?? createRow(ticket), ticket)));
  if (list.contains(focused)) focused.focus();
  else if (hadFocus) heading.focus();
  setHidden(more, !hasMore || !tickets.length, list.querySelector("li:last-child button"));
}

function createRow({ chat_id: chatId }) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.chatId = chatId;
  row.querySelector("button").addEventListener("click", () => openTicket(chatId));
  return row;
}

function fill(row, ticket) {
  const waited = ticket.waiting_since && minutesSince(ticket.waiting_since);
  const wait = row.querySelector(".wait");
  row.querySelector(".number").textContent = ticket.ticket_id;
  row.querySelector(".summary").textContent = ticket.summary || texts.noSummary;
  row.querySelector(".channel").textContent = channels[ticket.channel]?.name ?? ticket.channel;
  row.querySelector(".reason").textContent = texts.reasons[ticket.reason] ?? ticket.reason;
  wait.textContent = waited === null ? texts.answered : waited < 1 ? texts.waitingBriefly : texts.waiting(duration(waited));
  wait.title = ticket.waiting_since ? wholeTime(ticket.waiting_since) : "";
  wait.dataset.state = waited === null ? "answered" : waited < LONG_WAIT_MINUTES ? "waiting" : "long";
  const button = row.querySelector("button");
  if (ticket.chat_id === selected) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  return row;
}
