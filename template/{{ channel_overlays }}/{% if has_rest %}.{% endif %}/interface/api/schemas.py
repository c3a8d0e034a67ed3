"""The JSON of the REST API."""

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.dto.chat import Chat, Message, Session
from domain.dto.rating import RatingWord, Thumb

Item = TypeVar("Item")

# What the documentation shows.
_CHAT_ID = "chat_0198c0de4b2a70028a1b2c3d4e5f6073"
_SESSION_ID = "sess_0198c0de4b2a70018a1b2c3d4e5f6072"
_MESSAGE_ID = "msg_0198c0de4b2a7f3e8a1b2c3d4e5f6071"
_TIME = "2026-11-20T12:00:00.000000Z"


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class ChatBody(BaseModel):
    """A chat; `preview` is the beginning of its last answer."""

    model_config = _example(
        chat_id=_CHAT_ID,
        title="Troca de produto",
        preview="Claro!",
        created_at=_TIME,
        updated_at=_TIME,
    )

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
    """A message of a chat, of the role user, assistant or operator."""

    model_config = _example(
        message_id=_MESSAGE_ID, role="assistant", content="Claro!", created_at=_TIME
    )

    message_id: str
    role: str
    content: str
    created_at: str
    rating: RatingWord | None = Field(
        None,
        description="The user's thumb; absent if there is none",
        exclude_if=lambda rating: rating is None,
    )

    @classmethod
    def of(cls, message: Message) -> "MessageBody":
        return cls(
            message_id=message.message_id,
            role=message.role,
            content=message.content,
            created_at=message.created_at,
            rating=message.user_thumb.word if message.user_thumb else None,
        )


class SessionBody(BaseModel):
    """A visit to a chat, from its first question to its end."""

    model_config = _example(
        session_id=_SESSION_ID,
        user_id="user_123",
        started_at=_TIME,
        ended_at=None,
        is_active=True,
    )

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

    model_config = _example(
        message_id=_MESSAGE_ID,
        session_id=_SESSION_ID,
        chat_id=_CHAT_ID,
        full_text="Claro!",
        trace_id="0af7651916cd43dd8448eb211c80319c",
    )

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
