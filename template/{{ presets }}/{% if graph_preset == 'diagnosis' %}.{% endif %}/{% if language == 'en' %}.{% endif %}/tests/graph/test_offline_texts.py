"""What the offline model reads from the words of a case."""

import pytest
from langchain_core.messages import HumanMessage

from app.core.service.llm.graph.offline_script import decide_case


@pytest.mark.parametrize(
    ("said", "slot", "read"),
    [
        ("my internet is slow", "problem", "slow"),
        ("on all of them", "device", "all of them"),
        ("my phone, far from the router", "device", "phone"),
        ("the router", "device", "router"),
        ("good morning", "problem", None),
    ],
)
def test_the_case_is_read_in_whole_words(said: str, slot: str, read: str | None) -> None:
    assert decide_case([HumanMessage(said)])[slot] == read
