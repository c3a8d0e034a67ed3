"""What the socket tells its client."""

CONNECTED = "Conexão estabelecida."
BINARY_NOT_SUPPORTED = "Envie mensagens de texto com JSON; mensagens binárias não são aceitas."
MESSAGE_TOO_LARGE = "A mensagem é grande demais. O limite é de {limit} bytes."
UNKNOWN_TYPE = (
    "Tipo de mensagem desconhecido. Envie uma pergunta, ou o tipo cancel, follow ou feedback."
)
TURN_IN_PROGRESS = "Ainda estou respondendo à mensagem anterior. Aguarde ou cancele."
CANCELLED = "A resposta foi cancelada."
TOO_MANY_REFUSED = "Mensagens inválidas demais em pouco tempo."
INVALID_JSON = "A mensagem não é um JSON válido em UTF-8."
INVALID_REQUEST = "O campo {field} está ausente ou tem o tipo errado."
NOT_AN_OBJECT = "A mensagem deve ser um objeto JSON."
ORIGIN_NOT_ALLOWED = "Esta origem não está na lista ALLOWED_ORIGINS."
TOO_MANY_CONNECTIONS = "Há conexões abertas demais. Feche uma ou tente de novo em instantes."
IDLE = "A conexão ficou ociosa."
CREDENTIAL_EXPIRED = "A credencial expirou. Conecte-se com uma nova."
