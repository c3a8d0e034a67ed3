// What the page says while it runs; its fixed words are in index.html.

export const texts = {
  answered: "answered",
  authors: { user: "User", assistant: "Bot", operator: "Operator" },
  closed: "This conversation was given back to the bot. What you wrote is still here, but cannot be sent.",
  errors: {
    unanswered: "The server did not answer. Look whether it was done before you try again; what you wrote is still here.",
    unknown: "Something went wrong on our side. Try again in a moment.",
    unreachable: "The server does not answer at the moment.",
  },
  keyCharacters: "A key has no spaces or accents. Check it and try again.",
  left: (count) => (count === 1 ? "1 character left" : `${count} characters left`),
  loading: "Loading…",
  newTickets: (count) => (count === 1 ? "A new conversation is waiting." : `${count} new conversations are waiting.`),
  noSummary: "No summary",
  noTickets: "Nobody is waiting for a person.",
  opening: "Opening the conversation…",
  reasons: { asked_for_human: "Asked for a person", complaint: "Complaint" },
  released: "The conversation was given back to the bot.",
  sent: "Message sent.",
  signIn: "Sign in",
  signingIn: "Signing in…",
  since: (time) => `since ${time}`,
  ticket: (number) => `Ticket ${number}`,
  tooLong: (count) => (count === 1 ? "1 character too many" : `${count} characters too many`),
  waiting: (time) => `waiting ${time}`,
  waitingBriefly: "has just written",
};
