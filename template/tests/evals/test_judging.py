"""What counts as said, as decided and as done."""

import pytest

from evals.cases import Conversation, Turn, Utterance
from evals.choices import Decided
from evals.judging import judge_conversation, judge_utterance
from evals.matching import mentions
from evals.talk import Answer

PLAIN = Answer("It is blue.", handoff=False, waiting=False)


@pytest.mark.parametrize(
    ("text", "word", "is_said"),
    [
        ("Custa R$\u00a0**38,90**.", "r$ 38,90", True),
        ("O PRAZO é de TRÊS dias", "tres dias", True),
        ("It will be delivered.", "deliver", True),
        ("It is undelivered.", "deliver", False),
        ("It couldn’t be found.", "couldn't", True),
        ("$59.00", "59", True),
        ("$59.50", "59", False),
        ("It costs 138,90.", "38,90", False),
        ("Order 10015", "1001", False),
        ("Order #1001.", "1001", True),
        ("12.590", "590", False),
    ],
)
def test_a_word_is_said_whatever_its_spelling_but_a_number_only_as_a_whole(
    text: str, word: str, is_said: bool
) -> None:
    assert mentions(text, ["xyzzy", word]) is is_said


@pytest.mark.parametrize(
    ("expected", "value", "is_right"),
    [
        ("café", "um CAFE forte", True),
        (("tea", "coffee"), "coffee", True),
        (("tea", "coffee"), "milk", False),
        ("light", ["a red light", "slow"], True),
        (None, None, True),
        (None, " ", True),
        (None, [], True),
        (None, "coffee", False),
        ("coffee", None, False),
    ],
)
def test_a_slot_has_one_of_its_words_or_nothing(
    expected: str | tuple[str, ...] | None, value: object, is_right: bool
) -> None:
    case = Utterance(says="?", route="a", slots={"drink": expected})
    routing, slot = judge_utterance(case, Decided("b", {"drink": value}))
    assert not routing.is_right
    assert slot.is_right is is_right


def test_without_an_answer_nothing_is_right_not_even_an_empty_slot() -> None:
    checks = judge_utterance(Utterance(says="?", route="a", slots={"drink": None}), None)
    assert [check.is_right for check in checks] == [False, False]


@pytest.mark.parametrize(
    ("turn", "answer", "fault"),
    [
        (Turn(says="?"), PLAIN, "done"),
        (Turn(says="?", one_of=("red", "blue"), none_of=("green",)), PLAIN, "done"),
        (Turn(says="?", one_of=("red",)), PLAIN, "turn 1: none of red in: It is blue."),
        (Turn(says="?", none_of=("red", "blue")), PLAIN, "turn 1: blue in: It is blue."),
        (Turn(says="?", handoff=True), PLAIN, "turn 1: no hand-over"),
        (Turn(says="?"), Answer("Soon.", True, False), "turn 1: a hand-over"),
        (Turn(says="?", handoff=True), Answer("Soon.", True, False), "done"),
        (Turn(says="?", waiting=True), PLAIN, "turn 1: it does not wait for the user"),
        (
            Turn(says="?", waiting=False),
            Answer("?", False, True),
            "turn 1: it still waits for the user",
        ),
    ],
)
def test_the_first_fault_of_a_conversation_is_told(turn: Turn, answer: Answer, fault: str) -> None:
    (check,) = judge_conversation(Conversation(name="x", turns=(turn,)), [answer])
    assert (check.got, check.is_right) == (fault, fault == "done")


def test_a_conversation_that_broke_off_is_not_done() -> None:
    conversation = Conversation(name="x", turns=(Turn(says="a"), Turn(says="b")))
    (check,) = judge_conversation(conversation, [PLAIN])
    assert (check.got, check.is_right) == ("turn 2: no answer", False)
