"""What the socket tells its client."""

CONNECTED = "Connection established."
BINARY_NOT_SUPPORTED = "Send text messages with JSON; binary messages are not accepted."
MESSAGE_TOO_LARGE = "The message is too large. The limit is {limit} bytes."
UNKNOWN_TYPE = "Unknown type of message. Send a question or the type cancel."
TURN_IN_PROGRESS = "I am still answering the message before. Wait or cancel."
CANCELLED = "The answer was cancelled."
TOO_MANY_REFUSED = "Too many invalid messages in a short time."
