// What the review page says while it runs; its fixed words are in index.html.

export const texts = {
  authors: { user: "User", assistant: "Bot", operator: "Operator" },
  collected: "Added to the evals",
  collectedLong: "The conversation up to this answer was added to the evals. You can download its line.",
  commentSaved: "Comment saved.",
  found: (count) => (count === 0 ? "No conversations found." : count === 1 ? "1 conversation" : `${count} conversations`),
  foundAmong: (count, among) => `${count} found among ${among} conversations`,
  handedOver: "Handed over to a person",
  milliseconds: (count) => `${count} ms`,
  opening: "Opening the conversation…",
  rated: { good: "Rated as good.", bad: "Rated as bad." },
  ratingTakenBack: "The rating was taken back.",
  searching: "Searching…",
  since: (time) => `since ${time}`,
  steps: (count, milliseconds) => `${count === 1 ? "1 step" : `${count} steps`} · ${milliseconds} ms`,
  tokens: (input, output) => `${input} tokens in, ${output} out`,
  tools: (names) => `Tools: ${names}`,
  trace: (id) => `Trace ${id}`,
  unanswered: (code) => `No answer: ${code}`,
  untitled: "Untitled conversation",
  userRated: { good: "The user rated this as good.", bad: "The user rated this as bad." },
};
