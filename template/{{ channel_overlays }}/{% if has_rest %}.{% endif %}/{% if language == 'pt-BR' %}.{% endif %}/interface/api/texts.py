"""What a client of the REST API is told."""

INVALID_CURSOR = "O cursor não pertence a esta lista. Recomece sem ele."
INVALID_TITLE = "Informe um título com 1 a {limit} caracteres válidos."
