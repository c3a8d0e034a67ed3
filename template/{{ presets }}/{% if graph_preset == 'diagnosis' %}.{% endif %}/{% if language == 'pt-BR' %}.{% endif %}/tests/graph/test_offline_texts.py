"""What the offline model reads from the words of a case."""

import pytest
from langchain_core.messages import HumanMessage

from app.core.service.llm.graph.offline_script import decide_case


@pytest.mark.parametrize(
    ("said", "slot", "read"),
    [
        ("minha internet está lenta", "problem", "lenta"),
        ("ela caiu de novo", "problem", "caiu"),
        ("em todos", "device", "todos"),
        ("no celular, longe do roteador", "device", "celular"),
        ("o roteador", "device", "roteador"),
        ("excelente", "problem", None),
    ],
)
def test_the_case_is_read_in_whole_words(said: str, slot: str, read: str | None) -> None:
    assert decide_case([HumanMessage(said)])[slot] == read
