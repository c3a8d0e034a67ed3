"""The offline model's words: what it listens for, and what it says."""

WORDS = {
    "faq": r"entreg|frete|prazo|troc|devol|pag|pix|boleto|hor[aá]rio|abre|fecha|contato|e-?mail",
    "sales": r"compr|pre[cç]o|cust|caf[eé]|gr[aã]o|moedor|prensa|filtro|assinatura|produto|estoque",
}

FAILED = "Não consegui consultar os dados da loja agora. Tente de novo em alguns minutos."
NOTHING = "Não encontrei nada sobre isso na loja. Pode dizer de outra forma?"
FOUND = "Encontrei isto:\n\n{facts}\n\nPosso ajudar com mais alguma coisa?"
GREETING = (
    "Olá! Estou no **modo offline**: respondo a partir dos dados de exemplo, sem um modelo de "
    "linguagem. Pergunte, por exemplo, qual é o prazo de entrega ou quanto custa o café em grãos."
)
