"""The wire form of a question in OpenAI's chat completions API.

https://platform.openai.com/docs/api-reference/chat/create
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.dto.conversation import Said
from interface.openai import texts

_MAX_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the client asks for that the bot cannot do: the parameter, and a sentence."""

    param: str
    message: str


class ContentPart(BaseModel):
    """A part of a message."""

    type: str
    text: str | None = None


class MessageOfClient(BaseModel):
    """A message of the conversation, as the client has it."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        """Its text; what else it has is left out."""
        if isinstance(self.content, list):
            return "".join(part.text or "" for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool | None = None


class ResponseFormat(BaseModel):
    type: str


class CompletionRequestBody(BaseModel):
    """A conversation whose last message is the question.

    The bot has its own instructions, settings and tools: messages of the roles `system` and
    `developer`, and parameters such as `temperature`, have no effect. `chat_id` and `session_id`,
    which OpenAI does not have, continue a chat of the bot; then only the question counts.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "chatbot", "messages": [{"role": "user", "content": "Hello!"}]}]
        }
    )

    model: str = Field(max_length=_MAX_CHARACTERS)
    messages: list[MessageOfClient] = Field(min_length=1)
    user: str | None = None
    chat_id: str | None = None
    session_id: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    modalities: list[str] | None = None
    audio: dict[str, Any] | None = None
    response_format: ResponseFormat | None = None

    @property
    def includes_usage(self) -> bool:
        """Whether a stream ends with what the answer took."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    @property
    def question(self) -> str:
        return self.messages[-1].text

    @property
    def said(self) -> tuple[Said, ...]:
        """What users and assistants said, the question last; what has no text left nothing."""
        return tuple(
            Said(message.role, message.text)
            for message in self.messages
            if message.role in ("user", "assistant") and message.text.strip()
        )

    def refusal(self) -> Refusal | None:
        """Return what would be answered otherwise than the client expects, if anything would."""
        refused = {
            "n": self.n not in (None, 1),
            "logprobs": bool(self.logprobs),
            "top_logprobs": bool(self.top_logprobs),
            "tools": bool(self.tools),
            "functions": bool(self.functions),
            "modalities": self.modalities not in (None, [], ["text"]),
            "audio": self.audio is not None,
            "response_format": self.response_format not in (None, ResponseFormat(type="text")),
        }
        for param, is_refused in refused.items():
            if is_refused:
                return Refusal(param, texts.UNSUPPORTED[param])
        return self._refusal_of_the_question()

    def _refusal_of_the_question(self) -> Refusal | None:
        last = len(self.messages) - 1
        question = self.messages[last]
        if question.role != "user":
            return Refusal(f"messages.[{last}].role", texts.NO_QUESTION)
        for place, part in enumerate(question.content or ()):
            if isinstance(part, ContentPart) and part.type != "text":
                return Refusal(f"messages.[{last}].content.[{place}].type", texts.ONLY_TEXT)
        return None
