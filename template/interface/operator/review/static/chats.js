// The search, and the list of the chats that it found.

import { announce } from "/operator/page/announcer.js";
import { shortTime } from "/operator/page/times.js";
import { findChats } from "./review-api.js";
import { texts } from "./texts.js";

const DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1_000;

const form = document.getElementById("search");
const by = document.getElementById("by");
const wanted = document.getElementById("wanted");
const show = document.getElementById("show");
const firstDay = document.getElementById("first-day");
const lastDay = document.getElementById("last-day");
const list = document.getElementById("chats");
const status = document.getElementById("chats-status");
const more = document.getElementById("more-chats");
const template = document.getElementById("chat-template");

let open = () => {};
let selected = null;
let searched = {};
let cursor = null;
let lookedAt = 0;
/** What came of an older search is not shown. */
let attempt = 0;

/**
 * @param {object} calls
 * @param {(chatId: string) => void} calls.onOpen one was chosen
 * @param {(task: () => Promise<void>) => () => Promise<void>} calls.watch tells people of failures
 */
export function setUpChats({ onOpen, watch }) {
  open = onOpen;
  const search = watch(findFirst);
  const next = watch(findMore);
  lastDay.value = day(0);
  firstDay.value = day(DAYS - 1);
  by.addEventListener("change", showFields);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search().catch(() => {});
  });
  more.addEventListener("click", () => next().catch(() => {}));
  showFields();
  return { search: () => search().catch(() => {}) };
}

/** @param {string | null} chatId */
export function selectChat(chatId) {
  selected = chatId;
  for (const button of list.querySelectorAll("button")) {
    if (button.dataset.chatId === selected) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** Focuses the row of a chat, or the list where it is not in it. */
export function focusChat(chatId) {
  const row = [...list.querySelectorAll("button")].find((button) => button.dataset.chatId === chatId);
  (row ?? document.getElementById("chats-heading")).focus();
}

export function forgetChats() {
  attempt += 1;
  form.reset();
  list.replaceChildren();
  status.textContent = "";
  more.hidden = true;
}

/** Days and kinds say nothing of a search by an id. */
function showFields() {
  const isById = by.value !== "text";
  for (const field of form.querySelectorAll(".by-day")) field.hidden = isById;
  wanted.required = isById;
}

async function findFirst() {
  searched = describe();
  cursor = null;
  lookedAt = 0;
  list.replaceChildren();
  await find();
  announce(status.textContent);
}

async function findMore() {
  const before = list.childElementCount;
  await find();
  // The button may be gone, and with it the focus.
  list.children[before]?.querySelector("button").focus();
}

async function find() {
  const mine = ++attempt;
  more.hidden = true;
  status.textContent = texts.searching;
  try {
    const page = await findChats({ ...searched, cursor });
    if (mine !== attempt) return;
    cursor = page.next_cursor;
    lookedAt += page.looked_at;
    list.append(...page.items.map(createRow));
    selectChat(selected);
    more.hidden = cursor === null;
    const found = list.childElementCount;
    status.textContent = searched.text ? texts.foundAmong(found, lookedAt) : texts.found(found);
  } catch (error) {
    if (mine !== attempt) throw error;
    status.textContent = error.message;
    more.hidden = cursor === null;
    throw error;
  }
}

function describe() {
  const words = wanted.value.trim();
  if (by.value !== "text") return { [by.value]: words };
  return { text: words || null, show: show.value, first_day: firstDay.value || null, last_day: lastDay.value || null };
}

function createRow(chat) {
  const row = template.content.firstElementChild.cloneNode(true);
  const button = row.querySelector("button");
  button.dataset.chatId = chat.chat_id;
  row.querySelector(".number").textContent = chat.user;
  row.querySelector(".wait").textContent = shortTime(chat.updated_at);
  row.querySelector(".summary").textContent = chat.title || texts.untitled;
  row.querySelector(".tags").textContent = chat.preview;
  button.addEventListener("click", () => open(chat.chat_id));
  return row;
}

/** The day so many days ago, by UTC as the bot counts them. */
const day = (ago) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
