"""From a chat to a case that models and prompts are measured by."""

import json
from collections.abc import Sequence

from domain.dto.chat import Message
from domain.dto.eval_case import EvalCase
from domain.ids import now_timestamp
from domain.personal_data import without_personal_data
from domain.text import cut

# A case is asked again from its first question on, with a model call or more for each.
_MAX_QUESTIONS = 20
_MAX_CHARACTERS = 2_000
_NAME_GRAPHEMES = 60
# Tells cases with the same question apart.
_ID_DIGITS = 8


def eval_case_of(messages: Sequence[Message]) -> EvalCase | None:
    """Return the questions that led to the last message as a case, None if it is no answer to one.

    What was said before a person had the chat is left out: no case goes on behind that. So are
    questions that got no answer.

    Args:
        messages: the chat from its beginning, the oldest first.
    """
    if not messages or messages[-1].role != "assistant":
        return None
    answer = messages[-1]
    questions = _questions(messages)
    if not questions:
        return None
    turns: list[dict[str, object]] = [
        {"says": without_personal_data(question.content)[:_MAX_CHARACTERS]}
        for question in questions
    ]
    if answer.handed_over:
        turns[-1]["handoff"] = True
    about = cut(without_personal_data(questions[-1].content), _NAME_GRAPHEMES)
    name = f"{about} ({answer.message_id[-_ID_DIGITS:]})"
    return EvalCase(
        chat_id=answer.chat_id,
        message_id=answer.message_id,
        user_id=answer.user_id,
        line=json.dumps({"name": name, "turns": turns}, ensure_ascii=False),
        collected_at=now_timestamp(),
    )


def _questions(messages: Sequence[Message]) -> list[Message]:
    of_persons = [
        place
        for place, message in enumerate(messages[:-1])
        if message.role == "operator" or message.handed_over
    ]
    begin = of_persons[-1] + 1 if of_persons else 0
    asked = [m for m in messages[begin:] if m.role == "user" and m.error_code is None]
    return asked[-_MAX_QUESTIONS:]
