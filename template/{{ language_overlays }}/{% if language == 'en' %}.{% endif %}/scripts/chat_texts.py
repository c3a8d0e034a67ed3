"""What the conversation in the terminal says around the answers."""

STARTING = "Starting the bot…"
WELCOME = "Ready. {new} starts another chat, {quit} leaves, Ctrl-C cuts an answer off.\n"
PROMPT = "you > "
NEW_CHAT = "New chat.\n"
CANCELLED = "(answer cut off)"
HANDED_OVER = "(A person has this chat now. Enter alone shows what they wrote.)"
OPERATOR = "person > "
