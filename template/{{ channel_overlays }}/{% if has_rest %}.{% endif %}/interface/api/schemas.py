"""The JSON of the REST API."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.dto.chat import Chat, Message, Session

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

    @classmethod
    def of(cls, message: Message) -> "MessageBody":
        return cls(
            message_id=message.message_id,
            role=message.role,
            content=message.content,
            created_at=message.created_at,
        )


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
