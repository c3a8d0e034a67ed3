"""What the bot itself says on WhatsApp, apart from its answers."""

RESET_DONE = "Done, we are starting over. How can I help?"
UNSUPPORTED_MESSAGE = "For now I can only read text messages. Could you write what you need?"
TURN_FAILED = "Something went wrong on our side. Try again in a moment."
CHAT_BUDGET_SPENT = "This conversation has become very long. Write /reset to begin a new one."
# What the operator of a chat reads in place of a photo or a voice message.
UNSUPPORTED_NOTE = "(sent something that is not text)"
