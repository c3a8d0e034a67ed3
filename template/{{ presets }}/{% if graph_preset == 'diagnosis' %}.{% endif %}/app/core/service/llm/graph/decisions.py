"""What the model decides, as typed values: the field descriptions are part of its instructions."""

from pydantic import Field

from app.core.service.llm.base_decision import BaseDecision


class CaseDecision(BaseDecision):
    """What is known of the technical problem after the last message, and what is missing."""

    device: str | None = Field(
        None, max_length=100, description="The device or service concerned; null if not told yet"
    )
    problem: str | None = Field(
        None, max_length=300, description="The problem in one sentence; null if not told yet"
    )
    symptoms: list[str] = Field(
        default_factory=list,
        max_length=10,
        description="Everything observed so far, one short phrase each; the newest word counts",
    )
    tried: list[str] = Field(
        default_factory=list, max_length=10, description="What the user has tried already"
    )
    is_complete: bool = Field(
        description="Whether device, problem and at least one symptom are known well enough"
    )
    confidence: float = Field(ge=0, le=1, description="How sure you are of is_complete")
    next_question: str = Field(
        max_length=300,
        description="The one question that helps most now, in the user's language; empty if none",
    )
