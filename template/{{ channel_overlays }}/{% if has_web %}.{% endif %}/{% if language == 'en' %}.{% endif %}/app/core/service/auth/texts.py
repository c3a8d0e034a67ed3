"""What a client is told about its credential."""

UNAUTHORIZED = "The credential is missing, invalid or expired. Sign in again."
FORBIDDEN = "This credential may not speak for that user."
USER_ID_REQUIRED = "Send the field user_id with the user's identifier."
ISSUER_UNAVAILABLE = "Your sign-in cannot be checked right now. Try again in a moment."
