"""What the offline model reads from the words of a case."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from app.core.service.llm.graph.offline_script import decide_case
from app.core.service.llm.graph.offline_texts import AFTER_REPORT, KNOWN


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


def test_each_message_is_read_for_itself() -> None:
    said = ("my laptop is slow", "only in one room", "I restarted the router once", "thanks")
    case = decide_case([HumanMessage(text) for text in said])
    assert (case["symptoms"], case["tried"]) == (
        ["only in one room"],
        ["restarted the router once"],
    )


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("my laptop drops; I restarted the router once", "laptop"),
        ("my laptop drops; there is a red light on the router", "laptop"),
        ("my laptop drops and the router has a red light", "laptop"),
        ("I restarted the router but my phone is slow", "phone"),
        ("I restarted the router", None),
    ],
)
def test_a_device_named_in_passing_is_not_that_of_the_problem(
    said: str, device: str | None
) -> None:
    assert decide_case([HumanMessage(said)])["device"] == device


@pytest.mark.parametrize(
    ("said", "is_complete"),
    [
        ("thanks!", False),
        ("I restarted the router once", False),
        ("it is on the phone", True),
        ("it is still slow", True),
        ("now it drops", False),
    ],
)
def test_a_report_is_not_repeated_unless_something_new_is_said_of_it(
    said: str, is_complete: bool
) -> None:
    case = HumanMessage("my laptop is slow, only in one room")
    assert decide_case([case])["is_complete"]
    decision = decide_case([case, AIMessage(f"{KNOWN}\n\n..."), HumanMessage(said)])
    assert decision["is_complete"] is is_complete


def test_small_talk_after_a_report_gets_a_short_answer() -> None:
    report = AIMessage(f"{KNOWN}\n\n...")
    said = [HumanMessage("my laptop is slow, only in one room"), report, HumanMessage("ok")]
    assert decide_case(said)["next_question"] == AFTER_REPORT
