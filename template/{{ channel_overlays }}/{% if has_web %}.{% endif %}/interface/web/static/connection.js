// Shows whether the bot can be reached.

import * as composer from "./composer.js";
import { setHidden } from "./focus.js";
import { texts } from "./texts.js";

const badge = document.getElementById("connection");
const text = document.getElementById("connection-text");
const banner = document.getElementById("disconnected");

/** state: "connecting", "online", "offline" or "refused". */
export function showConnection(state) {
  badge.dataset.state = state;
  text.textContent = texts.connection[state];
  setHidden(banner, state !== "offline", composer);
}
