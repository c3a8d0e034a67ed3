"""What a client of OpenAI's API is told."""

UNSUPPORTED = {
    "n": "This bot gives one answer. Leave n out.",
    "logprobs": "This bot does not tell log probabilities. Leave logprobs out.",
    "top_logprobs": "This bot does not tell log probabilities. Leave top_logprobs out.",
    "tools": "This bot uses its own tools and calls none of the client's. Leave tools out.",
    "functions": "This bot uses its own tools and calls none of the client's. Leave functions out.",
    "modalities": "This bot answers with text only. Leave modalities out.",
    "audio": "This bot answers with text only. Leave audio out.",
    "response_format": "This bot answers with plain text. Leave response_format out.",
}
USER_REQUIRED = "Say whose conversation it is: in the field user, or in the header X-User-Id."
NO_QUESTION = "The last message must be of the role user: it is the question."
ONLY_TEXT = "This bot reads text only. Send parts of the type text."
MODEL_NOT_FOUND = "There is only one model here: {model}."
UNKNOWN_URL = "This bot has POST /v1/chat/completions, GET /v1/models and GET /v1/models/{model} of OpenAI's API."
WITH_A_PERSON = (
    "A person of our team has this conversation now. They have not written anything new yet; send a"
    " message later to read their answer."
)
