"""What a client that comes back has missed."""

import pytest

from app.core.service.chat.chat_following import written_behind
from domain.dto.chat import Message, Role

AT = "2026-01-01T00:00:00.000000Z"


def message(message_id: str, role: Role) -> Message:
    return Message(message_id, "chat_1", "ana", role, message_id, AT)


# The ids are not in the order of the messages: each process has a clock of its own.
MESSAGES = (
    message("msg_5", "user"),
    message("msg_4", "operator"),
    message("msg_9", "assistant"),
    message("msg_3", "operator"),
    message("msg_1", "operator"),
)


@pytest.mark.parametrize(
    ("after", "missed"),
    [
        (None, []),
        ("msg_5", ["msg_4", "msg_3", "msg_1"]),
        ("msg_9", ["msg_3", "msg_1"]),
        ("msg_3", ["msg_1"]),
        ("msg_1", []),
        ("msg_older_than_these", ["msg_4", "msg_3", "msg_1"]),
    ],
)
def test_operators_messages_behind_the_newest_known_one_are_missed(
    after: str | None, missed: list[str]
) -> None:
    assert [found.message_id for found in written_behind(after, MESSAGES)] == missed
