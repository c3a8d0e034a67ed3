"""Answers of the model as bytes."""

from collections.abc import Sequence

from botocore.eventstream import ParserError

from tests.support.bedrock_fake import encode_event

# What BedrockClient takes for an answer that broke off.
NOT_READABLE = (ParserError, ValueError)


def frames(texts: Sequence[str]) -> bytes:
    """Return the frames of an answer's pieces, one after the other."""
    return b"".join(encode_event("contentBlockDelta", {"delta": {"text": t}}) for t in texts)
