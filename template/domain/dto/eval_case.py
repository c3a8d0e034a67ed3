"""A conversation that an operator took from a chat, to be asked again of other models and prompts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvalCase:
    """Questions of one chat up to the answer `message_id`, without personal data.

    `line` is the case as a line of conversations.jsonl; `user_id` is whose chat it was.
    """

    chat_id: str
    message_id: str
    user_id: str
    line: str
    collected_at: str
