"""The offline model's words: what it listens for, and what it says."""

# In this order: a complaint about an order is a complaint.
WORDS = {
    "complaint": r"reclama|quebrad|errad|faltando|faltou|danificad|absurdo|p[eé]ssim|nunca chegou|n[aã]o chegou",
    "order": r"pedido|encomenda|rastre",
    "faq": r"entreg|frete|prazo|troc|devol|pag|pix|boleto|hor[aá]rio|abre|fecha|contato|e-?mail|cancel",
}

FAILED = "Não consegui consultar os dados agora. Tente de novo em alguns minutos ou peça uma pessoa da equipe."
WHICH_ORDER = "De qual pedido você fala? O número está no e-mail de confirmação."
NO_SUCH_ORDER = "Não encontrei o pedido {number}. Pode conferir o número? Uma pessoa da equipe também pode ajudar."
NOTHING = "Não encontrei nada sobre isso. Pode dizer de outra forma?"
FOUND = "Encontrei isto:\n\n{facts}\n\nPosso ajudar com mais alguma coisa?"
GREETING = (
    "Olá! Estou no **modo offline**: respondo a partir dos dados de exemplo, sem um modelo de linguagem. Pergunte, por "
    "exemplo, qual é o prazo de entrega ou onde está o pedido 1001; ou peça para falar com uma pessoa da equipe."
)
