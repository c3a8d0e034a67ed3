// What the page says while it runs; its fixed words are in index.html.

export const texts = {
  answering: { none: "", person: "You are talking to a person.", assistant: "The assistant answers again." },
  authors: {
    user: "You",
    assistant: "Assistant",
    operator: "Support agent",
  },
  connection: {
    connecting: "Connecting…",
    online: "Connected",
    offline: "Reconnecting…",
    refused: "Access refused",
  },
  errors: {
    cancelled: "You stopped this answer.",
    chat_not_found: "This chat no longer exists. Your next message starts a new one.",
    connection_lost: "The connection was lost before the answer was complete. Your question is still here.",
    rate_limited: "That was a lot of messages in a short time. Wait a minute and try again.",
    turn_in_progress: "The previous answer is still on its way. Wait a moment and try again.",
    unauthorized: "Access was refused. Check your token and try again.",
    unknown: "Something went wrong on our side. Try again in a moment.",
  },
  chatsFailed: "Your chats could not be loaded.",
  commentSent: "Thank you, your comment was sent.",
  copied: "Message copied",
  noAnswer: "The assistant did not answer this message.",
  noChats: "Your chats will appear here.",
  opened: (title) => `Opened chat: ${title}`,
  rated: {
    good: "Rated as good. You can add a comment.",
    bad: "Rated as bad. You can add a comment.",
  },
  ratingLost: "The connection was lost before your rating was kept. Try again in a moment.",
  ratingTakenBack: "Your rating was taken back.",
  rename: (title) => `Rename the chat “${title}”`,
  tokenRefused: "This token was not accepted. Check it and try again.",
  untitled: "Untitled chat",
};
