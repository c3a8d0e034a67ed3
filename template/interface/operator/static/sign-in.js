// The form that asks for the operator's key.

import { RequestFailed, whoAmI } from "./api.js";
import { keepKey } from "./key.js";
import { texts } from "./texts.js";

const view = document.getElementById("sign-in");
const form = document.getElementById("sign-in-form");
const field = document.getElementById("key");
const problem = document.getElementById("sign-in-problem");
const button = document.getElementById("enter");

let isChecking = false;

/** @param {(name: string) => void} onSignedIn called with the operator's name */
export function setUpSignIn(onSignedIn) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = field.value.trim();
    if (!key || isChecking) return;
    // A header has room for nothing else, and fetch would not even ask.
    if (/[^!-~]/.test(key)) return showProblem(texts.keyCharacters);
    check(true);
    keepKey(key);
    try {
      const { operator } = await whoAmI();
      field.value = "";
      view.hidden = true;
      onSignedIn(operator);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      keepKey(null);
      showProblem(error.message);
    } finally {
      check(false);
    }
  });
}

/** @param {string} reason why the key is asked for again; empty on the first time */
export function showSignIn(reason = "") {
  view.hidden = false;
  showProblem(reason);
}

function showProblem(text) {
  problem.textContent = text;
  problem.hidden = !text;
  field.setAttribute("aria-invalid", String(Boolean(text)));
  field.focus();
  field.select();
}

function check(checking) {
  isChecking = checking;
  button.textContent = checking ? texts.signingIn : texts.signIn;
}
