"""What a client is told about a request that cannot be read."""

INVALID_JSON = "A mensagem não é um JSON válido em UTF-8."
INVALID_REQUEST = "O campo {field} está ausente ou tem o tipo errado."
NOT_AN_OBJECT = "A mensagem deve ser um objeto JSON."
ORIGIN_NOT_ALLOWED = "Esta origem não está na lista ALLOWED_ORIGINS."
