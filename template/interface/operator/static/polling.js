// Asks again and again while the page is visible, and ever more rarely while the server is away.

const LONGEST_PAUSE_MS = 30_000;

/**
 * @param {() => Promise<void>} task its failure makes the pause to the next one longer
 * @param {number} interval milliseconds between the end of one and the start of the next
 */
export function createPolling(task, interval) {
  let active = false;
  let running = false;
  let wantedAgain = false;
  let failures = 0;
  let timer = 0;

  async function now() {
    clearTimeout(timer);
    if (!active || document.hidden) return;
    wantedAgain = running;
    if (running) return;
    running = true;
    try {
      await task();
      failures = 0;
    } catch {
      failures += 1;
    }
    running = false;
    if (wantedAgain) return now();
    clearTimeout(timer);
    if (active) timer = setTimeout(now, pause());
  }

  // Jitter keeps the pages of many operators from returning in step after a restart.
  function pause() {
    const longer = Math.min(interval * 2 ** failures, LONGEST_PAUSE_MS);
    return failures ? longer * (0.5 + Math.random() / 2) : longer;
  }

  document.addEventListener("visibilitychange", now);
  window.addEventListener("online", now);

  return {
    start() {
      active = true;
      failures = 0;
      now();
    },
    stop() {
      active = false;
      clearTimeout(timer);
    },
    now,
  };
}
