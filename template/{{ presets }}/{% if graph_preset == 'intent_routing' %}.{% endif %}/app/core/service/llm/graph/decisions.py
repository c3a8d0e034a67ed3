"""What the model decides, as typed values: the field descriptions are part of its instructions."""

from typing import Literal

from pydantic import Field

from app.core.service.llm.base_decision import BaseDecision

Intent = Literal["faq", "sales", "other"]


class IntentDecision(BaseDecision):
    """What the user wants with the last message, read in the light of the ones before it."""

    intent: Intent = Field(
        description=(
            "faq: how the shop works, such as delivery, payment, exchange, opening hours. "
            "sales: products, their prices, stock, or wanting to buy. "
            "other: greetings, thanks, small talk, and everything else"
        )
    )
    topic: str = Field(
        max_length=200,
        description="What it is about, in a few words that stand for themselves, in the user's language",
    )
    confidence: float = Field(ge=0, le=1, description="How sure you are of the intent")
