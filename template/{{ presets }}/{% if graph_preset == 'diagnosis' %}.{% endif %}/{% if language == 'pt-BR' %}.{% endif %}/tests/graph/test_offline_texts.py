"""What the offline model reads from the words of a case."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from app.core.service.llm.graph.offline_script import decide_case
from app.core.service.llm.graph.offline_texts import AFTER_REPORT, KNOWN


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


def test_each_message_is_read_for_itself() -> None:
    said = (
        "a internet está lenta no notebook",
        "só em um cômodo",
        "reiniciei o roteador uma vez",
        "obrigado",
    )
    case = decide_case([HumanMessage(text) for text in said])
    assert (case["symptoms"], case["tried"]) == (
        ["só em um cômodo"],
        ["reiniciei o roteador uma vez"],
    )


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("meu notebook está sem internet; reiniciei o roteador uma vez", "notebook"),
        ("meu notebook está sem internet; tem uma luz vermelha no roteador", "notebook"),
        ("sem internet no notebook e o roteador está com uma luz vermelha", "notebook"),
        ("reiniciei o roteador mas o celular está lento", "celular"),
        ("reiniciei o roteador", None),
    ],
)
def test_a_device_named_in_passing_is_not_that_of_the_problem(
    said: str, device: str | None
) -> None:
    assert decide_case([HumanMessage(said)])["device"] == device


@pytest.mark.parametrize(
    ("said", "is_complete"),
    [
        ("obrigada!", False),
        ("reiniciei o roteador uma vez", False),
        ("é no celular", True),
        ("continua lenta", True),
        ("agora ela cai", False),
    ],
)
def test_a_report_is_not_repeated_unless_something_new_is_said_of_it(
    said: str, is_complete: bool
) -> None:
    case = HumanMessage("a internet está lenta no notebook, só em um cômodo")
    assert decide_case([case])["is_complete"]
    decision = decide_case([case, AIMessage(f"{KNOWN}\n\n..."), HumanMessage(said)])
    assert decision["is_complete"] is is_complete


def test_small_talk_after_a_report_gets_a_short_answer() -> None:
    report = AIMessage(f"{KNOWN}\n\n...")
    said = [
        HumanMessage("a internet está lenta no notebook, só em um cômodo"),
        report,
        HumanMessage("ok"),
    ]
    assert decide_case(said)["next_question"] == AFTER_REPORT
