"""The offline model's words: what it listens for, and what it says."""

NEED = r"caf[eé]|gr[aã]o|moedor|prensa|filtro|assinatura|presente|compr|quero|preciso|escrit[oó]rio"
YES = r"\b(?:sim|quero esse|vou levar|gostei|fechado|como compro|onde compro|pode ser)\b"

PITCH = "Isto combina com o que você procura:\n\n{offer}\n\nO que acha?"
OBJECTION = "Entendo a dúvida. O que posso garantir é isto:\n\n{offer}\n\nFaz sentido para você?"
CLOSE = (
    "Ótima escolha! É só comprar pelo endereço abaixo; eu não faço o pedido por você:\n\n{offer}"
)
FAREWELL = (
    "Sem problema, obrigado pela conversa. Se mudar de ideia, a oferta continua aqui:\n\n{offer}"
)
NURTURE = "Olá! Estou no **modo offline**. Como você costuma tomar café? Posso indicar grãos, um moedor ou uma assinatura."
