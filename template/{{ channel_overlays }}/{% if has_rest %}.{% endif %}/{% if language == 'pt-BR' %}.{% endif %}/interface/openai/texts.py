"""What a client of OpenAI's API is told."""

UNSUPPORTED = {
    "n": "Este bot dá uma só resposta. Não envie n.",
    "logprobs": "Este bot não informa probabilidades. Não envie logprobs.",
    "top_logprobs": "Este bot não informa probabilidades. Não envie top_logprobs.",
    "tools": "Este bot usa as próprias ferramentas e não chama as do cliente. Não envie tools.",
    "functions": "Este bot usa as próprias ferramentas e não chama as do cliente. Não envie functions.",
    "modalities": "Este bot responde apenas com texto. Não envie modalities.",
    "audio": "Este bot responde apenas com texto. Não envie audio.",
    "response_format": "Este bot responde com texto simples. Não envie response_format.",
}
USER_REQUIRED = "Informe de quem é a conversa: no campo user ou no cabeçalho X-User-Id."
NO_QUESTION = "A última mensagem deve ter o papel user: ela é a pergunta."
ONLY_TEXT = "Este bot lê apenas texto. Envie partes do tipo text."
MODEL_NOT_FOUND = "Aqui há um único modelo: {model}."
UNKNOWN_URL = "Este bot tem POST /v1/chat/completions, GET /v1/models e GET /v1/models/{model} da API da OpenAI."
WITH_A_PERSON = (
    "Uma pessoa da nossa equipe está cuidando desta conversa. Ainda não há nada novo dela; envie uma"
    " mensagem mais tarde para ler a resposta."
)
