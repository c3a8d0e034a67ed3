"""What the conversation looks up: sample data here, your systems behind the same interface."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.service.llm.sample_search import SampleSearch
from app.core.service.llm.tool_calls import reported

_SAMPLE = Path(__file__).parent / "data" / "sample.json"
_BEST = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause: what it shows itself by, how to test it, and what helps."""

    name: str
    symptoms: str
    test: str
    fix: str


class LookupFailed(Exception):
    """A system that is asked does not answer; the conversation goes on without it."""


class KnowledgeBase(Protocol):
    """Where causes come from: a support handbook, a search index."""

    async def causes(self, case: str) -> Sequence[Cause]:
        """Return the causes that fit the described case best, the likeliest first.

        Raises:
            LookupFailed: it cannot be asked now.
        """
        ...


class SampleKnowledgeBase(KnowledgeBase):
    """The causes of data/sample.json."""

    def __init__(self) -> None:
        sample = json.loads(_SAMPLE.read_text("utf-8"))
        causes = [Cause(**cause) for cause in sample["causes"]]
        self._search = SampleSearch(causes, lambda cause: f"{cause.name} {cause.symptoms}")

    @reported
    async def causes(self, case: str) -> Sequence[Cause]:
        return self._search.best(case, _BEST)
