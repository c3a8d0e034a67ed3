"""A chat model without a network, for demos and tests: same question, same answer."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from app.core.service.llm.base_langchain_service import BaseLangChainService

# What the preset's offline model says to a conversation.
OfflineScript = Callable[[Sequence[BaseMessage]], str]

# A reading pace at which streaming can be seen.
_PAUSE_SECONDS = 0.02
_WORDS = re.compile(r"\S+\s*|\s+")


class OfflineChatService(BaseLangChainService):
    """The deterministic model of LLM_PROVIDER=offline."""

    def __init__(self, script: OfflineScript, pause_seconds: float = _PAUSE_SECONDS) -> None:
        self._model = OfflineChatModel(script=script, pause_seconds=pause_seconds)

    def chat_model(self) -> BaseChatModel:
        return self._model


class OfflineChatModel(BaseChatModel):
    """Answers from the script, word by word."""

    script: OfflineScript = Field(exclude=True)
    pause_seconds: float

    @property
    def _llm_type(self) -> str:
        return "offline"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self.script(messages)
        message = AIMessage(answer, usage_metadata=_usage(messages, answer))
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        async for chunk in self._astream(messages, stop, run_manager, **kwargs):
            if run_manager and chunk.text:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
        return self._generate(messages)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        answer = self.script(messages)
        for word in _words(answer):
            await asyncio.sleep(self.pause_seconds)
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        yield ChatGenerationChunk(
            message=AIMessageChunk(content="", usage_metadata=_usage(messages, answer))
        )


def _words(text: str) -> Iterator[str]:
    return (match.group() for match in _WORDS.finditer(text))


def _usage(messages: Sequence[BaseMessage], answer: str) -> UsageMetadata:
    """Count words as tokens, so that usage is there to be looked at."""
    inputs = sum(len(message.text.split()) for message in messages)
    outputs = len(answer.split())
    return UsageMetadata(input_tokens=inputs, output_tokens=outputs, total_tokens=inputs + outputs)
