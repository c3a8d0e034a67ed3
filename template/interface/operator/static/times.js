// Times as people read them, in the page's language.

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(language, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const whole = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

const UNITS = [
  ["day", 24 * 60],
  ["hour", 60],
  ["minute", 1],
];

/** The time of day for today, else with the date. */
export function shortTime(timestamp) {
  const date = new Date(timestamp);
  const today = date.toDateString() === new Date().toDateString();
  return (today ? clock : dayAndClock).format(date);
}

/** @param {string} timestamp */
export const wholeTime = (timestamp) => whole.format(new Date(timestamp));

/** How many whole minutes ago that was; never below 0, as the clocks of two machines differ. */
export const minutesSince = (timestamp) => Math.max(0, Math.floor((Date.now() - new Date(timestamp)) / 60_000));

/** "5 minutes", "2 hours": the largest unit that is not 0. */
export function duration(minutes) {
  const [unit, size] = UNITS.find(([, size]) => minutes >= size) ?? UNITS.at(-1);
  const style = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(language, style).format(Math.floor(minutes / size));
}
