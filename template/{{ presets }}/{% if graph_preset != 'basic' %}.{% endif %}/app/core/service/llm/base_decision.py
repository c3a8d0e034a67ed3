"""What every decision of the conversation tells beside its own subject."""

from pydantic import BaseModel, Field


class BaseDecision(BaseModel):
    """A decision about the last message."""

    asks_for_human: bool = Field(
        False,
        description="Whether the last message asks, in whatever words, to talk to a person, not a bot",
    )
