// The chat that is read: its messages with the steps that led to them.

import { shortTime, wholeTime } from "/operator/page/times.js";
import { offerJudgement } from "./judging.js";
import { readChat } from "./review-api.js";
import { texts } from "./texts.js";

const view = document.getElementById("reading");
const nothing = document.getElementById("nothing-open");
const heading = document.getElementById("reading-heading");
const about = document.getElementById("about");
const scroller = document.getElementById("scroller");
const log = document.getElementById("log");
const loading = document.getElementById("loading");
const earlier = document.getElementById("earlier");
const template = document.getElementById("message-template");
const stepTemplate = document.getElementById("step-template");
const numbers = new Intl.NumberFormat(document.documentElement.lang);

let current = null;
let cursor = null;
let load = async () => {};

/** @param {(task: () => Promise<void>) => () => Promise<void>} watch tells people of failures */
export function setUpReading(watch) {
  load = watch(loadPage);
  earlier.addEventListener("click", () => load().catch(() => {}));
}

/** @param {string | null} chatId null shows none */
export function showReading(chatId) {
  current = chatId;
  cursor = null;
  view.hidden = !chatId;
  nothing.hidden = Boolean(chatId);
  log.replaceChildren();
  earlier.hidden = true;
  heading.textContent = texts.opening;
  about.textContent = "";
  if (!chatId) return;
  heading.focus();
  load().catch((error) => (heading.textContent = error.message));
}

async function loadPage() {
  const of = current;
  const isFirst = cursor === null;
  loading.hidden = false;
  earlier.hidden = true;
  try {
    const { chat, messages } = await readChat(of, cursor);
    if (of !== current) return;
    heading.textContent = chat.title || texts.untitled;
    about.textContent = [chat.user, texts.since(wholeTime(chat.created_at)), chat.chat_id].join(" · ");
    const below = scroller.scrollHeight - scroller.scrollTop;
    log.prepend(...messages.items.toReversed().map((message) => createMessage(of, message)));
    scroller.scrollTop = isFirst ? 0 : scroller.scrollHeight - below;
    cursor = messages.next_cursor;
  } finally {
    if (of === current) {
      loading.hidden = true;
      earlier.hidden = cursor === null;
    }
  }
}

function createMessage(chatId, message) {
  const element = template.content.firstElementChild.cloneNode(true);
  const time = element.querySelector("time");
  element.dataset.role = message.role;
  element.querySelector(".author").textContent = texts.authors[message.role] ?? message.role;
  time.dateTime = message.created_at;
  time.textContent = shortTime(message.created_at);
  time.title = wholeTime(message.created_at);
  element.querySelector(".content").textContent = message.content;
  say(element.querySelector(".fault"), message.error_code && texts.unanswered(message.error_code));
  say(element.querySelector(".handed-over"), message.handed_over && texts.handedOver);
  say(element.querySelector(".user-rating"), message.user_rating && describeRating(message.user_rating));
  if (message.steps.length) showSteps(element.querySelector(".steps"), message);
  if (message.role === "assistant") offerJudgement(element.querySelector(".judging"), chatId, message);
  return element;
}

function say(line, text) {
  line.hidden = !text;
  line.textContent = text || "";
}

function describeRating({ rating, comment }) {
  return comment ? `${texts.userRated[rating]} “${comment}”` : texts.userRated[rating];
}

function showSteps(details, { steps, trace_id: traceId }) {
  const milliseconds = steps.reduce((sum, step) => sum + step.milliseconds, 0);
  details.hidden = false;
  details.querySelector("summary").textContent = texts.steps(steps.length, numbers.format(milliseconds));
  details.querySelector("ol").append(...steps.map(createStep));
  say(details.querySelector(".trace"), traceId && texts.trace(traceId));
}

function createStep(step) {
  const item = stepTemplate.content.firstElementChild.cloneNode(true);
  const tokens = step.input_tokens || step.output_tokens;
  item.querySelector(".node").textContent = step.node;
  item.querySelector(".figures").textContent = [
    texts.milliseconds(numbers.format(step.milliseconds)),
    tokens && texts.tokens(numbers.format(step.input_tokens), numbers.format(step.output_tokens)),
  ]
    .filter(Boolean)
    .join(" · ");
  say(item.querySelector(".tools"), step.tools.length > 0 && texts.tools(step.tools.join(", ")));
  say(item.querySelector(".fault"), step.error);
  return item;
}
