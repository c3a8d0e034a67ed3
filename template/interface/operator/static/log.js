// The messages of the open conversation, oldest at the top.

import { channels } from "./channels.js";
import { setHidden } from "./focus.js";
import { texts } from "./texts.js";
import { shortTime, wholeTime } from "./times.js";

const MOST_MESSAGES = 500;
const NEAR_THE_END_PX = 80;

const scroller = document.getElementById("scroller");
const log = document.getElementById("log");
const earlier = document.getElementById("earlier");
const earlierProblem = document.getElementById("earlier-problem");
const template = document.getElementById("message-template");

/** @type {Map<string, HTMLElement>} */
const shown = new Map();
let deliveryTexts = {};
let following = true;
let sizes = "";

// Where the sizes are others, the browser scrolled and not the person: a phone was turned, or more text came.
scroller.addEventListener("scroll", () => sizes === readSizes() && (following = isNearTheEnd()), { passive: true });
const resized = new ResizeObserver(() => {
  sizes = readSizes();
  if (following) scrollToEnd();
});
resized.observe(log);
resized.observe(scroller);

const readSizes = () => [scroller.clientWidth, scroller.clientHeight, scroller.scrollHeight].join();
const isNearTheEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END_PX;

export function scrollToEnd() {
  following = true;
  scroller.scrollTop = scroller.scrollHeight;
}

/** @param {string} [channel] of the conversation that follows */
export function clearLog(channel) {
  deliveryTexts = channels[channel]?.delivery ?? {};
  shown.clear();
  log.replaceChildren();
  offerEarlier(null);
}

/**
 * Shows the newest messages: adds what is new, and updates what is there.
 * @param {import("./api.js").Message[]} messages oldest first
 * @returns {{added: import("./api.js").Message[], failed: import("./api.js").Message[], joined: boolean}}
 *   what was new, which could meanwhile not be delivered, and whether no message lies between them and those before
 */
export function showNewest(messages) {
  const joined = !shown.size || messages.some(({ message_id: id }) => shown.has(id));
  if (!joined) {
    shown.clear();
    log.replaceChildren();
  }
  const added = messages.filter(({ message_id: id }) => !shown.has(id));
  const failed = messages.filter(hasFailedNow);
  for (const message of added) log.append(createView(message));
  for (const message of messages) showDelivery(message);
  while (log.childElementCount > MOST_MESSAGES) {
    shown.delete(log.firstElementChild.dataset.messageId);
    log.firstElementChild.remove();
    offerEarlier(null); // What comes before the first one is no longer the next page.
  }
  return { added, failed, joined };
}

/** @param {import("./api.js").Message[]} messages oldest first, all before those shown */
export function showEarlier(messages) {
  const heightBelow = scroller.scrollHeight - scroller.scrollTop;
  const added = messages.filter(({ message_id: id }) => !shown.has(id));
  log.prepend(...added.map(createView));
  added.forEach(showDelivery);
  scroller.scrollTop = scroller.scrollHeight - heightBelow;
}

/**
 * @param {(() => void) | null} load null when there are none before those shown
 * @param {string} [problem] why the last attempt failed
 */
export function offerEarlier(load, problem = "") {
  setHidden(earlier, !load || shown.size >= MOST_MESSAGES, scroller);
  earlier.onclick = () => {
    earlier.onclick = null; // Until what was asked for is here.
    load();
  };
  earlierProblem.textContent = problem;
  earlierProblem.hidden = !problem;
}

/** @param {import("./api.js").Message} message */
export const authorOf = ({ role }) => texts.authors[role] ?? role;

/** @param {import("./api.js").Message} message */
export const deliveryOf = ({ delivery }) => deliveryTexts[delivery] ?? "";

const isFailure = (delivery) => delivery?.startsWith("failed") ?? false;

function hasFailedNow({ message_id: id, delivery }) {
  return isFailure(delivery) && shown.has(id) && shown.get(id).dataset.delivery !== delivery;
}

function createView(message) {
  const view = template.content.firstElementChild.cloneNode(true);
  const time = view.querySelector("time");
  view.dataset.messageId = message.message_id;
  view.dataset.role = message.role;
  view.querySelector(".author").textContent = authorOf(message);
  view.querySelector(".content").textContent = message.content;
  time.textContent = shortTime(message.created_at);
  time.dateTime = message.created_at;
  time.title = wholeTime(message.created_at);
  shown.set(message.message_id, view);
  return view;
}

function showDelivery(message) {
  const view = shown.get(message.message_id);
  if (!message.delivery || view.dataset.delivery === message.delivery) return;
  view.dataset.delivery = message.delivery;
  view.toggleAttribute("data-failed", isFailure(message.delivery));
  view.querySelector(".delivery").textContent = deliveryOf(message);
}
