"""What the model decides, as typed values: the field descriptions are part of its instructions."""

from typing import Literal

from pydantic import Field

from app.core.service.llm.base_decision import BaseDecision

Intent = Literal["faq", "complaint", "order", "unknown"]


class SupportDecision(BaseDecision):
    """What the customer needs with the last message, read in the light of the ones before it."""

    intent: Intent = Field(
        description=(
            "faq: how the shop works, such as delivery, payment, exchange, opening hours. "
            "complaint: something went wrong and the customer is unhappy about it, such as a broken, "
            "wrong or missing product. "
            "order: where an order is, when it arrives, what became of it, or its number. "
            "unknown: greetings, thanks, other subjects, and everything else"
        )
    )
    order_number: str | None = Field(
        None,
        max_length=20,
        description="The number of the order meant now, digits only; null if none was told",
    )
    topic: str = Field(
        max_length=200,
        description="What it is about, in a few words that stand for themselves, in the user's language",
    )
    confidence: float = Field(ge=0, le=1, description="How sure you are of the intent")
