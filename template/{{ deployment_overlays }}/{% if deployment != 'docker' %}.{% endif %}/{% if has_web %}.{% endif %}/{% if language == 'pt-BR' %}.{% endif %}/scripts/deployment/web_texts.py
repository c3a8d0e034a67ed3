"""What the test of a whole turn asks the bot, and says about it."""

OPTION_CREDENTIAL = "uma credencial do bot, para testar uma rodada inteira; ou defina CHATBOT_TOKEN"
OPTION_USER = "para quem é a rodada, se o usuário da credencial é *"
SMOKE_QUESTION = "Olá! O que você sabe fazer?"
CHECK_ANSWERS = "{where} responde a uma pergunta"
TURN_FAILED = "a rodada falhou ({code}): {message}"
TURN_EMPTY = "a resposta está vazia"
MODEL_HINT = "Confira no console do Bedrock o acesso da conta ao modelo."
