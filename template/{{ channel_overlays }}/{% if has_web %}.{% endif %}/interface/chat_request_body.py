"""The wire form of a question, the same on every web channel."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain.dto.chat import ChatRequest

_Id = Annotated[str, StringConstraints(strict=True)]


class ChatRequestBody(BaseModel):
    """A question; without `chat_id` it opens a chat, without `session_id` a session."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"user_id": "user_123", "question": "Hello!"}]},
    )

    user_id: _Id | None = None
    question: str = Field(max_length=1_000_000)
    chat_id: _Id | None = None
    session_id: _Id | None = None
    stream: bool = False

    def to_request(self, user_id: str, channel: str) -> ChatRequest:
        """Return the request of the user that authentication decided on."""
        return ChatRequest(
            user_id=user_id,
            question=self.question,
            chat_id=self.chat_id,
            session_id=self.session_id,
            stream=self.stream,
            channel=channel,
        )
