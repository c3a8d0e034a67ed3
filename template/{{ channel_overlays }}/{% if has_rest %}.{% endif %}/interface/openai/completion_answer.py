"""The wire form of an answer in OpenAI's chat completions API, whole and in pieces.

https://platform.openai.com/docs/api-reference/chat/object and `…/chat/streaming`
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.dto.chat import TokenUsage
from interface.openai.model import MODEL_ID

_HANDOFF_DESCRIPTION = "A person goes on with the chat; not OpenAI's"


def _absent(**more: Any) -> Any:
    """Return a field that is left out while it is None."""
    return Field(None, exclude_if=lambda value: value is None, **more)


class PromptTokensDetails(BaseModel):
    cached_tokens: int


class UsageBody(BaseModel):
    """What the answer took: all tokens of all model calls of the turn."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails

    @classmethod
    def of(cls, usage: TokenUsage) -> "UsageBody":
        return cls(
            prompt_tokens=usage.input_tokens,
            completion_tokens=usage.output_tokens,
            total_tokens=usage.total,
            prompt_tokens_details=PromptTokensDetails(cached_tokens=usage.cache_read_tokens),
        )


class AnswerMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    index: Literal[0] = 0
    message: AnswerMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class CompletionBody(BaseModel):
    """A whole answer; the fields behind `usage` are the bot's own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "msg_0198c0de4b2a7f3e8a1b2c3d4e5f6071",
                    "object": "chat.completion",
                    "created": 1795176000,
                    "model": MODEL_ID,
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": "Hi!", "refusal": None},
                            "logprobs": None,
                            "finish_reason": "stop",
                        }
                    ],
                    "usage": {
                        "prompt_tokens": 11,
                        "completion_tokens": 2,
                        "total_tokens": 13,
                        "prompt_tokens_details": {"cached_tokens": 0},
                    },
                    "chat_id": "chat_0198c0de4b2a70028a1b2c3d4e5f6073",
                    "session_id": "sess_0198c0de4b2a70018a1b2c3d4e5f6072",
                    "trace_id": "0af7651916cd43dd8448eb211c80319c",
                    "handoff": False,
                }
            ]
        }
    )

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL_ID
    choices: list[Choice]
    usage: UsageBody
    chat_id: str
    session_id: str
    trace_id: str
    handoff: bool = Field(description=_HANDOFF_DESCRIPTION)


class Delta(BaseModel):
    role: Literal["assistant"] | None = _absent()
    content: str | None = _absent()


class ChunkChoice(BaseModel):
    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class ChunkBody(BaseModel):
    """A piece of an answer. The first one has the bot's own ids, the last one `handoff`."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str = MODEL_ID
    choices: list[ChunkChoice]
    usage: UsageBody | None = _absent()
    chat_id: str | None = _absent()
    session_id: str | None = _absent()
    trace_id: str | None = _absent()
    handoff: bool | None = _absent(description=_HANDOFF_DESCRIPTION)


class ModelBody(BaseModel):
    id: str = MODEL_ID
    object: Literal["model"] = "model"
    created: int
    owned_by: str = MODEL_ID


class ModelsBody(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelBody]
