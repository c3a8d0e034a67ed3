"""What the socket tells its client."""

CONNECTED = "Conexão estabelecida."
BINARY_NOT_SUPPORTED = "Envie mensagens de texto com JSON; mensagens binárias não são aceitas."
MESSAGE_TOO_LARGE = "A mensagem é grande demais. O limite é de {limit} bytes."
UNKNOWN_TYPE = "Tipo de mensagem desconhecido. Envie uma pergunta ou o tipo cancel."
TURN_IN_PROGRESS = "Ainda estou respondendo à mensagem anterior. Aguarde ou cancele."
CANCELLED = "A resposta foi cancelada."
TOO_MANY_REFUSED = "Mensagens inválidas demais em pouco tempo."
