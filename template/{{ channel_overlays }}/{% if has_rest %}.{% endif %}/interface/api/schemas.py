"""The JSON of the REST API."""

from typing import Any, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from domain.dto.chat import Chat, Message, Session
from domain.dto.rating import RatingWord, Thumb

Item = TypeVar("Item")


class ChatBody(BaseModel):
    chat_id: str
    title: str
    preview: str
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, chat: Chat) -> "ChatBody":
        return cls(
            chat_id=chat.chat_id,
            title=chat.title,
            preview=chat.preview,
            created_at=chat.created_at,
            updated_at=chat.updated_at,
        )


class MessageBody(BaseModel):
    message_id: str
    role: str
    content: str
    created_at: str
    rating: RatingWord | None = Field(None, description="The user's thumb; absent if there is none")

    @classmethod
    def of(cls, message: Message) -> "MessageBody":
        return cls(
            message_id=message.message_id,
            role=message.role,
            content=message.content,
            created_at=message.created_at,
            rating=message.user_thumb.word if message.user_thumb else None,
        )

    @model_serializer(mode="wrap")
    def _without_no_rating(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        body: dict[str, Any] = serialize(self)
        return body if self.rating else {k: v for k, v in body.items() if k != "rating"}


class SessionBody(BaseModel):
    session_id: str
    user_id: str
    started_at: str
    ended_at: str | None
    is_active: bool

    @classmethod
    def of(cls, session: Session) -> "SessionBody":
        ended_at = session.ended_by()
        return cls(
            session_id=session.session_id,
            user_id=session.user_id,
            started_at=session.started_at,
            ended_at=ended_at,
            is_active=ended_at is None,
        )


class PageBody(BaseModel, Generic[Item]):
    """Part of a list; `next_cursor` asks for what follows, null at the end."""

    items: list[Item]
    next_cursor: str | None


class TitleBody(BaseModel):
    """A chat's new title."""

    model_config = ConfigDict(
        strict=True, json_schema_extra={"examples": [{"title": "Troca de produto"}]}
    )

    title: str = Field(max_length=1_000)


class AnswerBody(BaseModel):
    """A whole turn in one answer."""

    message_id: str
    session_id: str
    chat_id: str
    full_text: str
    trace_id: str
    handoff: bool = Field(False, description="A person goes on with the chat; absent if not")


class FeedbackBody(BaseModel):
    """What the user thinks of an answer; null takes it back."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {"rating": "good"},
                {"rating": "bad", "comment": "The delivery time is wrong."},
                {"rating": None},
            ]
        },
    )

    rating: Literal["good", "bad"] | None
    comment: str | None = Field(None, max_length=10_000, description="At most 1,000 characters")


class KeptFeedbackBody(BaseModel):
    """What is kept of an answer from now on."""

    message_id: str
    rating: RatingWord | None
    comment: str
    rated_at: str

    @classmethod
    def of(cls, message_id: str, thumb: Thumb) -> "KeptFeedbackBody":
        return cls(
            message_id=message_id,
            rating=thumb.word,
            comment=thumb.comment,
            rated_at=thumb.rated_at,
        )
