"""A chat model without a network, for demos and tests: same question, same answer."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from app.core.service.llm.base_langchain_service import BaseLangChainService
from app.core.service.llm.handoff import RequestHuman
from app.core.service.llm.offline_words import HUMAN

# A reading pace at which streaming can be seen.
_PAUSE_SECONDS = 0.02
_WORDS = re.compile(r"\S+\s*|\s+")
_HUMAN = re.compile(HUMAN, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OfflineScript:
    """A preset's part for the offline model.

    `reply` is what it says to a conversation; `decisions` has, by the name of a schema, how it is
    filled in. That somebody asks for a person is heard here, the same in every preset.
    """

    reply: Callable[[Sequence[BaseMessage]], str]
    decisions: Mapping[str, Callable[[Sequence[BaseMessage]], Mapping[str, Any]]] = field(
        default_factory=dict
    )


class OfflineChatService(BaseLangChainService):
    """The deterministic model of LLM_PROVIDER=offline."""

    def __init__(self, script: OfflineScript, pause_seconds: float = _PAUSE_SECONDS) -> None:
        self._model = OfflineChatModel(script=script, pause_seconds=pause_seconds)

    def chat_model(self) -> BaseChatModel:
        return self._model


class OfflineChatModel(BaseChatModel):
    """Answers from the script, word by word; with a schema bound to it, by a call of that tool."""

    script: OfflineScript = Field(exclude=True)
    pause_seconds: float

    @property
    def _llm_type(self) -> str:
        return "offline"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        names = [convert_to_openai_tool(tool)["function"]["name"] for tool in tools]
        return self.bind(tool_names=names)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = self._answer(messages, kwargs.get("tool_names", ()))
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
        return self._generate(messages, stop, None, **kwargs)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        answer = self._answer(messages, kwargs.get("tool_names", ()))
        for word in _words(answer.text):
            await asyncio.sleep(self.pause_seconds)
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                tool_call_chunks=[
                    tool_call_chunk(
                        name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=0
                    )
                    for call in answer.tool_calls
                ],
                usage_metadata=answer.usage_metadata,
            )
        )

    def _answer(self, messages: Sequence[BaseMessage], tool_names: Sequence[str]) -> AIMessage:
        asks_for_human = bool(_HUMAN.search(messages[-1].text))
        name = next((name for name in tool_names if name in self.script.decisions), None)
        if name is not None:
            arguments = {"asks_for_human": asks_for_human, **self.script.decisions[name](messages)}
        elif asks_for_human and RequestHuman.__name__ in tool_names:
            name, arguments = RequestHuman.__name__, {"summary": messages[-1].text}
        else:
            text = self.script.reply(messages)
            return AIMessage(text, usage_metadata=_usage(messages, text))
        return AIMessage(
            "",
            tool_calls=[tool_call(name=name, args=arguments, id=f"call_{name}")],
            usage_metadata=_usage(messages, json.dumps(arguments)),
        )


def _words(text: str) -> Iterator[str]:
    return (match.group() for match in _WORDS.finditer(text))


def _usage(messages: Sequence[BaseMessage], answer: str) -> UsageMetadata:
    """Count words as tokens, so that usage is there to be looked at."""
    inputs = sum(len(message.text.split()) for message in messages)
    outputs = len(answer.split())
    return UsageMetadata(input_tokens=inputs, output_tokens=outputs, total_tokens=inputs + outputs)
