from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.service.llm.instruction_guard import InstructionGuard, opening_of
from app.core.texts import INSTRUCTIONS_WITHHELD

OPENING = "You are the assistant of a workshop for bicycles."
PROMPT = f"{OPENING}\n\nGoal:\n- Help."


def told(answer: str, cuts: list[int]) -> str:
    """Return what people are shown of an answer that comes in pieces."""
    guard = InstructionGuard()
    guard.opening = opening_of(PROMPT)
    ends = sorted({0, len(answer), *(cut % (len(answer) + 1) for cut in cuts)})
    said = "".join(guard.admit(answer[a:b]) for a, b in pairwise(ends))
    return said + guard.rest_of(answer, said)


@given(
    before=st.text(alphabet="You are the\n", max_size=30),
    cuts=st.lists(st.integers(min_value=0, max_value=200), max_size=8),
)
def test_what_begins_to_tell_the_instructions_ends_there_however_it_is_cut(
    before: str, cuts: list[int]
) -> None:
    shown = told(before + PROMPT, cuts)
    assert OPENING not in shown
    assert "Goal" not in shown
    assert shown.endswith(INSTRUCTIONS_WITHHELD)


@given(
    answer=st.text(alphabet=OPENING, max_size=120).filter(lambda text: OPENING not in text),
    cuts=st.lists(st.integers(min_value=0, max_value=200), max_size=8),
)
def test_an_honest_answer_is_told_as_it_is(answer: str, cuts: list[int]) -> None:
    assert told(answer, cuts) == answer


@pytest.mark.parametrize("instructions", ["", "Be kind.", "Short\n" + "and long " * 20])
def test_an_opening_that_an_answer_may_have_is_none(instructions: str) -> None:
    assert opening_of(instructions) == ""


def test_what_a_node_rewrote_stays_as_it_was_shown() -> None:
    guard = InstructionGuard()
    assert guard.admit("Good ") + guard.admit("day") == "Good day"
    assert guard.rest_of("Something else", "Good day") == ""
