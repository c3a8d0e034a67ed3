"""What a client of the REST API is told."""

INVALID_CURSOR = "The cursor does not belong to this list. Start again without it."
INVALID_TITLE = "Send a title with 1 to {limit} valid characters."
