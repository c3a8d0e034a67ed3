"""What the bot tells people when it does not answer by itself."""

ERROR_MESSAGES = {
    "chat_not_found": "I could not find that chat. Start a new one or choose another.",
    "message_not_found": "I could not find that answer in this chat.",
    "comment_too_long": "The comment is too long. Write at most {limit} characters.",
    "question_empty": "Write a message before you send it.",
    "question_too_long": "Your message is too long. Send at most {limit} characters at a time.",
    "invalid_text": "Your message has invalid characters. Check the text and send it again.",
    "invalid_id": "The field {field} must have 1 to {limit} valid characters.",
    "rate_limited": "You sent many messages in a short time. Wait a minute and try again.",
    "chat_budget_spent": "This conversation has become very long. Start a new one to go on.",
    "user_budget_spent": "You have reached the limit of messages for today. Come back tomorrow, please.",
    "turn_in_progress": "I am still answering the messages before. Wait for the answer.",
    "shutting_down": "The service is restarting. Try again in a moment.",
    "model_throttled": "Many conversations are going on right now. Try again in a moment.",
    "model_timeout": "The answer took too long. Try again.",
    "model_refused": "I cannot answer now because of a configuration problem. We have been told.",
    "model_interrupted": "The answer was cut off in the middle. Try again.",
    "model_unavailable": "I cannot answer now. Try again in a moment.",
    "answer_too_long": "The answer became too long to be kept. Ask for a shorter one.",
    "storage_unavailable": "I could not save the conversation. Try again in a moment.",
    "internal_error": "Something went wrong on our side. Try again in a moment.",
}

# Why a person goes on with a chat, and what the user is told then.
HANDED_OVER = {
    "asked_for_human": (
        "I have passed this conversation on to our team (ticket {ticket}). A person will answer you right here; you can go on writing meanwhile."
    ),
    "complaint": (
        "I am sorry about that. I have passed your complaint on to our team (ticket {ticket}). A person will answer you right here; you can go on writing meanwhile."
    ),
}

# In place of an answer that begins to tell the system prompt.
INSTRUCTIONS_WITHHELD = "I keep my instructions to myself. What can I do for you?"
