"""What the bot itself says on WhatsApp, apart from its answers."""

RESET_DONE = "Pronto, começamos do zero. Como posso ajudar?"
UNSUPPORTED_MESSAGE = (
    "Por enquanto só consigo ler mensagens de texto. Pode escrever o que você precisa?"
)
TURN_FAILED = "Algo deu errado do nosso lado. Tente de novo em alguns instantes."
CHAT_BUDGET_SPENT = "Esta conversa ficou muito longa. Escreva /reset para começar uma nova."
# What the operator of a chat reads in place of a photo or a voice message.
UNSUPPORTED_NOTE = "(enviou algo que não é texto)"
