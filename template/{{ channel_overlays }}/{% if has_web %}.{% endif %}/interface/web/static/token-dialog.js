// Asks for the access token.

const dialog = document.getElementById("token-dialog");
const form = dialog.querySelector("form");
const field = document.getElementById("token");
const problem = document.getElementById("token-problem");

let asking = null;

/** Resolves to the token typed; `message` says why one is asked for again. Calls while it is open share it. */
export function askForToken(message = "") {
  asking ??= new Promise((resolve) => {
    problem.textContent = message;
    problem.hidden = !message;
    field.value = "";
    dialog.showModal();
    form.onsubmit = (event) => {
      event.preventDefault();
      const token = field.value.trim();
      if (!token) return;
      asking = null;
      dialog.close();
      resolve(token);
    };
  });
  return asking;
}

// Nothing works without a token, so there is nothing to go back to. A browser lets only the first Escape be refused.
dialog.addEventListener("cancel", (event) => event.preventDefault());
dialog.addEventListener("close", () => asking && dialog.showModal());
