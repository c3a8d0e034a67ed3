"""Which waiting messages get one reply together."""

import pytest

from app.core.service.whatsapp.bursts import MAX_MESSAGES, Step, next_burst
from domain.dto.whatsapp import MessageKind, SenderIdentity
from domain.dto.whatsapp_inbox import InboxEntry

PHOTO = "<photo>"


def waiting(*texts: str) -> list[InboxEntry]:
    return [
        InboxEntry(
            message_id=f"wamid.{number}",
            person="55",
            sender=SenderIdentity("55"),
            kind=MessageKind.UNSUPPORTED if text == PHOTO else MessageKind.QUESTION,
            text=text,
            sent_at=1,
            received_at=number,
        )
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("texts", "behind_a_turn", "step", "size"),
    [
        (["a", "b", "c"], False, Step.QUESTION, 1),
        (["a", "b", "c"], True, Step.QUESTION, 3),
        (["a", "b", "/reset", "c"], True, Step.QUESTION, 2),
        (["a", PHOTO, "b"], True, Step.QUESTION, 1),
        (["/reset", "/reset"], True, Step.RESET, 1),
        (["/RESET", "a"], True, Step.RESET, 1),
        (["/reset now", "a"], True, Step.QUESTION, 2),
        ([PHOTO, PHOTO, "a"], False, Step.UNSUPPORTED, 2),
        (["a"] * (MAX_MESSAGES + 5), True, Step.QUESTION, MAX_MESSAGES),
        (["a" * 9_000, "b" * 6_999, "c"], True, Step.QUESTION, 2),
        (["a" * 9_000, "b" * 7_000, "c"], True, Step.QUESTION, 1),
        (["a" * 20_000, "b"], True, Step.QUESTION, 1),
    ],
)
def test_what_the_next_reply_answers(
    texts: list[str], behind_a_turn: bool, step: Step, size: int
) -> None:
    burst = next_burst(waiting(*texts), behind_a_turn=behind_a_turn)
    assert (burst.step, len(burst.entries)) == (step, size)


def test_joined_messages_are_one_question_in_their_order() -> None:
    burst = next_burst(waiting("Olá", "quero ajuda", "com um pedido"), behind_a_turn=True)
    assert burst.question == "Olá\nquero ajuda\ncom um pedido"
