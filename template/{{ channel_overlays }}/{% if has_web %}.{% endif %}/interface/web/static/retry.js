// Tries again after growing pauses.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

/** Calls `attempt` again on later(), at once on now(); reset() after a success, stop() to give up. */
export function createRetry(attempt) {
  let failures = 0;
  let timer = null;

  function stop() {
    clearTimeout(timer);
    timer = null;
  }

  function now() {
    stop();
    attempt();
  }

  function later() {
    stop();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    failures += 1;
    // Jitter keeps the pages of many users from returning in step after a restart.
    timer = setTimeout(now, pause * (0.5 + Math.random() / 2));
  }

  window.addEventListener("online", () => timer && now());
  return { later, now, stop, reset: () => (failures = 0) };
}
