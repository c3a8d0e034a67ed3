"""What a client is told about a request that cannot be read."""

INVALID_JSON = "The message is not valid JSON in UTF-8."
INVALID_REQUEST = "The field {field} is missing or has the wrong type."
NOT_AN_OBJECT = "The message must be a JSON object."
ORIGIN_NOT_ALLOWED = "This origin is not in the list ALLOWED_ORIGINS."
