"""What the model decides, as typed values: the field descriptions are part of its instructions."""

from typing import Literal

from pydantic import Field

from app.core.service.llm.base_decision import BaseDecision


class LeadDecision(BaseDecision):
    """Whether the user may buy something, and what."""

    is_qualified: bool = Field(
        description="Whether they want a kind of product, or something that a product would solve"
    )
    need: str = Field(
        max_length=200,
        description="What they need, in a few words to search products with; empty if unknown",
    )
    confidence: float = Field(ge=0, le=1, description="How sure you are of is_qualified")


class ReactionDecision(BaseDecision):
    """How the user takes the offer they were shown last."""

    reaction: Literal["interested", "has_objection"] = Field(
        description=(
            "interested: they want it, or ask how to buy. "
            "has_objection: a doubt, a question, a refusal, or they want something else"
        )
    )
    need: str | None = Field(
        None, max_length=200, description="What they need instead, if they say so; else null"
    )
    confidence: float = Field(ge=0, le=1, description="How sure you are of the reaction")
