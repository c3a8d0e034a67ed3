"""What operators are told when something cannot be done."""

UNAUTHORIZED = "This operator key is not valid."
CROSS_SITE = "Requests from other sites are refused."
TICKET_NOT_FOUND = "This conversation is not open any more: it was given back to the bot."
INVALID_TEXT = "Write a message of 1 to {limit} characters."
INVALID_DAYS = "Choose a first and a last day, at most {limit} days in all."
INVALID_CURSOR = "The cursor is not one of this list. Begin again without it."
