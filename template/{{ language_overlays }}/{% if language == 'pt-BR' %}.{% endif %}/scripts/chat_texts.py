"""What the conversation in the terminal says around the answers."""

STARTING = "Iniciando o bot…"
WELCOME = "Pronto. {new} começa outra conversa, {quit} sai, Ctrl-C interrompe uma resposta.\n"
PROMPT = "você > "
NEW_CHAT = "Nova conversa.\n"
CANCELLED = "(resposta interrompida)"
HANDED_OVER = "(Uma pessoa assumiu esta conversa. Enter sozinho mostra o que ela escreveu.)"
OPERATOR = "pessoa > "
