"""What the test of a whole turn asks the bot, and says about it."""

OPTION_CREDENTIAL = "a credential of the bot, to test a whole turn with; or set CHATBOT_TOKEN"
OPTION_USER = "whom the turn is for, if the credential's user is *"
SMOKE_QUESTION = "Hello! What can you do?"
CHECK_ANSWERS = "{where} answers a question"
TURN_FAILED = "the turn failed ({code}): {message}"
TURN_EMPTY = "the answer is empty"
MODEL_HINT = "Check the account's access to the model in the Bedrock console."
