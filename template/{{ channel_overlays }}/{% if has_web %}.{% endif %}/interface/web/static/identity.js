// Who is talking: an access token where the bot asks for one, else a random id of this browser.

import { local, session } from "./storage.js";

let authMode = "none";

export function setAuthMode(mode) {
  authMode = mode;
}

export const usesToken = () => authMode !== "none";

/** The access token; null where the bot asks for none. */
export const token = () => (usesToken() ? session.read("token") : null);

// Only for the tab's life: an access token has no place on a shared computer's disk.
export const keepToken = (value) => session.write("token", value);
export const forgetToken = () => session.remove("token");

/** The id to send with requests; undefined with a token, which names the user itself. */
export function userId() {
  if (usesToken()) return undefined;
  const known = local.read("user-id");
  if (known) return known;
  const created = `web-${randomHex(16)}`;
  local.write("user-id", created);
  return created;
}

// crypto.randomUUID() is missing where the page is served over plain http to another machine.
function randomHex(bytes) {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(values, (value) => value.toString(16).padStart(2, "0")).join("");
}
