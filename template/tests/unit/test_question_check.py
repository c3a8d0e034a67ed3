from dataclasses import replace
from typing import Any

import pytest

from app.core.service.chat.question_check import (
    MAX_ID_CHARACTERS,
    MAX_QUESTION_CHARACTERS,
    check_question,
)
from domain.dto.chat import ChatRequest
from domain.exceptions.business_exception import BusinessException

SOUND = ChatRequest(user_id="ana", question="Hello!")


@pytest.mark.parametrize(
    "request_",
    [
        SOUND,
        replace(SOUND, question="x" * MAX_QUESTION_CHARACTERS),
        replace(SOUND, question="  👩‍👩‍👧\n "),
        replace(SOUND, question="tab\tand \x00 control"),
        replace(SOUND, user_id="u" * MAX_ID_CHARACTERS),
        replace(SOUND, user_id="joão da silva#1%@example.org"),
        replace(SOUND, chat_id="chat_1", session_id="sess_1"),
    ],
    ids=range(7),
)
def test_a_question_that_can_be_answered_is_let_through(request_: ChatRequest) -> None:
    check_question(request_)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (replace(SOUND, question=""), "question_empty"),
        (replace(SOUND, question=" \n\t\N{NO-BREAK SPACE}"), "question_empty"),
        (replace(SOUND, question="x" * (MAX_QUESTION_CHARACTERS + 1)), "question_too_long"),
        (replace(SOUND, question="x" * 100_000), "question_too_long"),
        (replace(SOUND, question="half a pair: \ud83d"), "invalid_text"),
        (replace(SOUND, user_id=""), "invalid_id"),
        (replace(SOUND, user_id="u" * (MAX_ID_CHARACTERS + 1)), "invalid_id"),
        (replace(SOUND, user_id="line\nbreak"), "invalid_id"),
        (replace(SOUND, user_id="\ud83d"), "invalid_id"),
        (replace(SOUND, chat_id=""), "invalid_id"),
        (replace(SOUND, chat_id="\x00"), "invalid_id"),
        (replace(SOUND, chat_id="right-to-left \u202e"), "invalid_id"),
        (replace(SOUND, session_id=""), "invalid_id"),
        (replace(SOUND, session_id="s" * 5_000), "invalid_id"),
    ],
    ids=range(14),
)
def test_what_cannot_be_answered_is_refused_by_its_code(request_: ChatRequest, code: str) -> None:
    with pytest.raises(BusinessException) as refusal:
        check_question(request_)
    assert refusal.value.code == code


@pytest.mark.parametrize("field", ["user_id", "chat_id", "session_id"])
def test_the_refusal_of_an_id_names_the_field(field: str) -> None:
    bad: dict[str, Any] = {field: "\x00"}
    with pytest.raises(BusinessException, match=field):
        check_question(replace(SOUND, **bad))
