// The side bar with past chats: a column on wide screens, a drawer over the page on narrow ones.

import { setHidden } from "./focus.js";
import { listChats, renameChat } from "./history.js";
import { local } from "./storage.js";
import { texts } from "./texts.js";

const MOST_CHATS = 300;

const sidebar = document.getElementById("sidebar");
const main = document.getElementById("main");
const toggle = document.getElementById("toggle-sidebar");
const list = document.getElementById("chats");
const status = document.getElementById("chats-status");
const more = document.getElementById("more-chats");
const template = document.getElementById("chat-template");
const narrow = window.matchMedia("(width <= 52rem)");
const language = document.documentElement.lang;

let chats = [];
let nextCursor = null;
let selected = null;
let openChat = () => {};
let reportFailure = () => {};

/** `onOpen(chat)` when one is chosen; `onFailure(error)` when access was refused or a title not changed. */
export function setUpSidebar({ onOpen, onFailure }) {
  openChat = onOpen;
  reportFailure = onFailure;
  toggle.addEventListener("click", () => show(!isShown()));
  document.getElementById("close-sidebar").addEventListener("click", closeDrawer);
  document.getElementById("scrim").addEventListener("click", closeDrawer);
  sidebar.addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer());
  more.addEventListener("click", loadMore);
  narrow.addEventListener("change", adapt);
  adapt();
}

export function closeDrawer() {
  if (narrow.matches && isShown()) show(false);
}

const isShown = () => document.body.dataset.sidebar === "open";

function adapt() {
  setShown(!narrow.matches && local.read("sidebar-closed") !== true);
}

function show(shown) {
  setShown(shown);
  if (!narrow.matches) local.write("sidebar-closed", !shown);
  else if (shown) document.getElementById("close-sidebar").focus();
  else toggle.focus();
}

function setShown(shown) {
  document.body.dataset.sidebar = shown ? "open" : "closed";
  toggle.setAttribute("aria-expanded", String(shown));
  main.inert = shown && narrow.matches;
}

/** Reads the newest chats again and keeps the older ones that were already loaded. */
export async function refreshChats() {
  try {
    const page = await listChats(null);
    const newest = new Set(page.items.map((chat) => chat.chat_id));
    if (chats.length <= page.items.length) nextCursor = page.nextCursor;
    chats = [...page.items, ...chats.filter((chat) => !newest.has(chat.chat_id))].slice(0, MOST_CHATS);
    draw();
  } catch (error) {
    fail(error);
  }
}

async function loadMore() {
  try {
    const page = await listChats(nextCursor);
    const known = new Set(chats.map((chat) => chat.chat_id));
    nextCursor = page.nextCursor;
    chats = [...chats, ...page.items.filter((chat) => !known.has(chat.chat_id))].slice(0, MOST_CHATS);
    draw();
  } catch (error) {
    fail(error);
  }
}

function fail(error) {
  if (error.code === "unauthorized") return reportFailure(error);
  status.textContent = texts.chatsFailed;
  status.hidden = false;
}

export function forgetShownChats() {
  chats = [];
  nextCursor = null;
  draw();
}

export function selectChat(chatId) {
  selected = chatId;
  draw();
}

function draw() {
  status.textContent = texts.noChats;
  status.hidden = chats.length > 0;

  const focused = document.activeElement;
  const rows = new Map(Array.from(list.children, (row) => [row.dataset.chatId, row]));
  list.replaceChildren(...chats.map((chat) => fill(rows.get(chat.chat_id) ?? createRow(chat.chat_id), chat)));
  if (list.contains(focused)) focused.focus();
  setHidden(more, !nextCursor || chats.length >= MOST_CHATS, list.querySelector("li:last-child .chat-open"));
}

function fill(row, chat) {
  row.querySelector(".chat-title").textContent = chat.title || texts.untitled;
  row.querySelector(".chat-preview").textContent = (chat.preview ?? "").replace(/[*`]+/g, "");
  row.querySelector(".chat-time").textContent = shortTime(chat.updated_at);
  row.querySelector(".chat-rename").setAttribute("aria-label", texts.rename(chat.title || texts.untitled));
  const open = row.querySelector(".chat-open");
  open.title = chat.title ?? "";
  if (chat.chat_id === selected) open.setAttribute("aria-current", "true");
  else open.removeAttribute("aria-current");
  return row;
}

function createRow(chatId) {
  const row = template.content.firstElementChild.cloneNode(true);
  const form = row.querySelector("form");
  const field = row.querySelector("input");
  const pencil = row.querySelector(".chat-rename");
  const chat = () => chats.find((candidate) => candidate.chat_id === chatId);

  function edit(editing) {
    row.toggleAttribute("data-editing", editing);
    form.hidden = !editing;
    if (!editing) return pencil.focus();
    field.value = chat().title;
    field.select();
  }

  row.dataset.chatId = chatId;
  row.querySelector(".chat-open").addEventListener("click", () => {
    closeDrawer();
    openChat(chat());
  });
  pencil.addEventListener("click", () => edit(true));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    edit(false);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const title = field.value.trim();
    edit(false);
    if (!title || title === chat().title) return;
    try {
      await renameChat(chatId, title);
      chat().title = title;
      draw();
    } catch (error) {
      reportFailure(error);
    }
  });
  return row;
}

/** The time of day for today, else the date. */
function shortTime(timestamp) {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return "";
  const today = date.toDateString() === new Date().toDateString();
  const format = today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language, format).format(date);
}
