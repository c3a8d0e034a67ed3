// The log of messages: adds them, follows the newest one, and drops the oldest when there are too many.

import * as composer from "./composer.js";
import { setHidden } from "./focus.js";
import { renderMarkdown } from "./markdown.js";
import { offerRating } from "./rating.js";
import { texts } from "./texts.js";

const MOST_MESSAGES = 300;
const NEAR_THE_END_PX = 80;

const scroller = document.getElementById("scroller");
const log = document.getElementById("log");
const welcome = document.getElementById("welcome");
const earlier = document.getElementById("earlier");
const jump = document.getElementById("jump");
const template = document.getElementById("message-template");

let following = true;
let sizes = "";

// Where the sizes are others, the browser scrolled and not the person: a phone was turned, or more text came.
scroller.addEventListener("scroll", () => sizes === readSizes() && follow(isNearTheEnd()), { passive: true });
jump.addEventListener("click", scrollToEnd);

// Also when the page itself shrinks, as it does under an on-screen keyboard.
const resized = new ResizeObserver(() => {
  sizes = readSizes();
  if (following) scrollToEnd();
});
resized.observe(log);
resized.observe(scroller);

const readSizes = () => [scroller.clientWidth, scroller.clientHeight, scroller.scrollHeight].join();

function isNearTheEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END_PX;
}

function follow(value) {
  following = value;
  setHidden(jump, following, composer);
}

export function scrollToEnd() {
  follow(true);
  scroller.scrollTop = scroller.scrollHeight;
}

export function clear() {
  log.replaceChildren();
  earlier.hidden = true;
  welcome.hidden = false;
}

/** Adds a message at the end and returns its view. */
export function addMessage(role, text = "") {
  const view = createView(role, text);
  welcome.hidden = true;
  log.append(view.element);
  while (log.childElementCount > MOST_MESSAGES) {
    log.firstElementChild.remove();
    earlier.hidden = true; // What comes before the first one is no longer the next page.
  }
  return view;
}

/** Adds messages (oldest first) above the others; `loadMore` is null when there are none before them. */
export function addEarlier(messages, loadMore) {
  const heightBelow = scroller.scrollHeight - scroller.scrollTop;
  if (messages.length) welcome.hidden = true;
  log.prepend(...messages.map(createKnown));
  scroller.scrollTop = scroller.scrollHeight - heightBelow;
  setHidden(earlier, !loadMore || log.childElementCount >= MOST_MESSAGES, scroller);
  earlier.onclick = () => {
    earlier.onclick = null; // Until what was asked for is here.
    loadMore();
  };
}

function createKnown({ role, content, message_id: messageId, rating }) {
  const { element } = createView(role, content);
  if (role === "assistant" && messageId) offerRating(element, messageId, rating);
  return element;
}

function createView(role, text) {
  const element = template.content.firstElementChild.cloneNode(true);
  const content = element.querySelector(".content");
  let frame = 0;
  let latest = text;

  element.dataset.role = role;
  element.querySelector(".author").textContent = texts.authors[role] ?? role;
  offerCopy(element.querySelector(".copy"), () => latest);
  render();

  function render() {
    frame = 0;
    // What people write is shown as they wrote it.
    if (role === "assistant") renderMarkdown(content, latest);
    else content.textContent = latest;
    element.dataset.state = latest ? "done" : "waiting";
  }

  return {
    element,

    /** The text as it is read on the page, without the marks it was written with. */
    read: () => content.innerText,

    /** Shows what has arrived so far, at most once per frame. */
    stream(text) {
      latest = text;
      frame ||= requestAnimationFrame(() => {
        render();
        element.dataset.state = "streaming";
      });
    },

    /** Shows the whole answer, and offers its thumbs. */
    finish(text, messageId) {
      cancelAnimationFrame(frame);
      latest = text;
      render();
      element.dataset.state = "done";
      offerRating(element, messageId);
    },

    /** Keeps what has arrived and says below it why there is no more; `actions` are what its buttons do. */
    stop(state, reason, actions = {}) {
      cancelAnimationFrame(frame);
      render();
      element.dataset.state = state;
      const note = element.querySelector(".note");
      note.hidden = false;
      note.querySelector(".reason").textContent = reason;
      for (const [name, act] of Object.entries(actions)) {
        const button = note.querySelector(`[data-action=${name}]`);
        button.hidden = false;
        button.onclick = act;
      }
    },
  };
}

function offerCopy(button, getText) {
  // Browsers offer the clipboard only to pages from https or from this machine.
  if (!navigator.clipboard) return button.remove();
  const label = button.getAttribute("aria-label");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(getText());
    button.dataset.copied = "";
    button.setAttribute("aria-label", texts.copied);
    setTimeout(() => {
      delete button.dataset.copied;
      button.setAttribute("aria-label", label);
    }, 2000);
  });
}
