"""The JSON of the review's routes."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.service.review.review_service import FoundChats, ReviewedChat
from domain.dto.chat import Message, Page
from domain.dto.eval_case import EvalCase
from domain.dto.rating import RatingWord, Thumb
from domain.dto.turn_step import TurnStep
from domain.ids import trace_id_of


class ReviewedChatBody(BaseModel):
    """A chat without personal data; it is in the list of `day`, by UTC."""

    chat_id: str
    user: str
    day: str
    title: str
    preview: str
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, found: ReviewedChat) -> "ReviewedChatBody":
        return cls(
            chat_id=found.chat.chat_id,
            user=found.user,
            day=found.day,
            title=found.chat.title,
            preview=found.chat.preview,
            created_at=found.chat.created_at,
            updated_at=found.chat.updated_at,
        )


class FoundChatsBody(BaseModel):
    """Some of the chats looked for; `looked_at` says among how many."""

    items: list[ReviewedChatBody]
    next_cursor: str | None
    looked_at: int

    @classmethod
    def of(cls, found: FoundChats) -> "FoundChatsBody":
        return cls(
            items=[ReviewedChatBody.of(chat) for chat in found.items],
            next_cursor=found.next_cursor,
            looked_at=found.looked_at,
        )


class StepBody(BaseModel):
    """A node that ran; `error` is the code of what went wrong in it, empty if nothing did."""

    node: str
    milliseconds: int
    input_tokens: int
    output_tokens: int
    tools: list[str]
    error: str

    @classmethod
    def of(cls, step: TurnStep) -> "StepBody":
        return cls(
            node=step.node,
            milliseconds=step.milliseconds,
            input_tokens=step.input_tokens,
            output_tokens=step.output_tokens,
            tools=list(step.tools),
            error=step.error,
        )


class ThumbBody(BaseModel):
    """What somebody thinks of an answer."""

    rating: RatingWord
    comment: str

    @classmethod
    def of(cls, thumb: Thumb | None) -> "ThumbBody | None":
        word = None if thumb is None else thumb.word
        if thumb is None or word is None:
            return None
        return cls(rating=word, comment=thumb.comment)


class ReviewedMessageBody(BaseModel):
    """A message without personal data.

    `steps` led to an answer, or to the `error_code` of a question without one; `trace_id` is that of the
    turn, in logs and traces.
    """

    message_id: str
    role: str
    content: str
    created_at: str
    steps: list[StepBody]
    input_tokens: int
    output_tokens: int
    error_code: str | None
    handed_over: bool
    user_rating: ThumbBody | None
    operator_rating: ThumbBody | None
    trace_id: str | None

    @classmethod
    def of(cls, message: Message) -> "ReviewedMessageBody":
        is_answer = message.role == "assistant"
        return cls(
            message_id=message.message_id,
            role=message.role,
            content=message.content,
            created_at=message.created_at,
            steps=[StepBody.of(step) for step in message.steps],
            input_tokens=message.usage.input_tokens,
            output_tokens=message.usage.output_tokens,
            error_code=message.error_code,
            handed_over=message.handed_over,
            user_rating=ThumbBody.of(message.user_thumb),
            operator_rating=ThumbBody.of(message.operator_thumb),
            trace_id=trace_id_of(message.message_id) if is_answer else None,
        )


class ReviewedMessagesBody(BaseModel):
    items: list[ReviewedMessageBody]
    next_cursor: str | None


class ReviewBody(BaseModel):
    """A chat, and some of its messages."""

    chat: ReviewedChatBody
    messages: ReviewedMessagesBody

    @classmethod
    def of(cls, chat: ReviewedChat, page: Page[Message]) -> "ReviewBody":
        items = [ReviewedMessageBody.of(message) for message in page.items]
        messages = ReviewedMessagesBody(items=items, next_cursor=page.next_cursor)
        return cls(chat=ReviewedChatBody.of(chat), messages=messages)


class OperatorFeedbackBody(BaseModel):
    """What the operators think of an answer; null takes it back."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"rating": "bad", "comment": "Wrong delivery time."}]},
    )

    rating: Literal["good", "bad"] | None
    comment: str | None = Field(None, max_length=10_000, description="At most 1,000 characters")


class EvalCaseBody(BaseModel):
    """A case as it was collected: `line` is one of conversations.jsonl."""

    chat_id: str
    message_id: str
    line: str

    @classmethod
    def of(cls, case: EvalCase) -> "EvalCaseBody":
        return cls(chat_id=case.chat_id, message_id=case.message_id, line=case.line)
