"""What a client is told about its credential."""

UNAUTHORIZED = "Credencial ausente, inválida ou vencida. Entre de novo."
FORBIDDEN = "Esta credencial não pode falar em nome desse usuário."
USER_ID_REQUIRED = "Informe o campo user_id, com o identificador do usuário."
ISSUER_UNAVAILABLE = "Não consigo conferir o seu acesso agora. Tente de novo em alguns instantes."
