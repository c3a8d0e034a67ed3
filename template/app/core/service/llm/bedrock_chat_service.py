"""Claude, Nova and the others on Bedrock as a LangChain chat model without threads.

ChatBedrockConverse knows how LangChain's messages, tools and answers map to the Converse API, but
reaches Bedrock only through a blocking client. Here it does just the mapping: its generator runs
against a stand-in for that client, which hands out the request and takes in the events, while the
wire is asynchronous.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from langchain_aws import ChatBedrockConverse
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, message_chunk_to_message
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from app.core.ports.converse_client import ConverseClient
from app.core.service.llm.base_langchain_service import BaseLangChainService
from domain.exceptions.model import ModelInterrupted

# Long enough for a thorough answer, a bound for the cost of one turn.
MAX_OUTPUT_TOKENS = 2048


class BedrockChatService(BaseLangChainService):
    """The chat model of BEDROCK_MODEL_ID_CHAT."""

    def __init__(self, converse: ConverseClient, model_id: str, region: str) -> None:
        self._model = AsyncChatBedrockConverse(
            model=model_id,
            provider=_provider(model_id),
            region_name=region,
            max_tokens=MAX_OUTPUT_TOKENS,
            # Given, so that no blocking client is made.
            client=_NoClient(),
            bedrock_client=_NoClient(),
            converse=converse,
        )

    def chat_model(self) -> BaseChatModel:
        return self._model


class AsyncChatBedrockConverse(ChatBedrockConverse):
    """ChatBedrockConverse whose asynchronous calls never occupy a thread."""

    converse: Any = Field(exclude=True)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        # The prefix up to the last message is the same in the next call; models without a cache ignore it.
        kwargs.setdefault("cache_control", {"ttl": "5m"})
        exchange = _Exchange()
        mapping = self.model_copy(update={"client": exchange})
        chunks = mapping._stream(messages, stop, None, **kwargs)
        yield next(chunks)
        async with aclosing(self.converse.converse_stream(exchange.request)) as events:
            async for event in events:
                if "messageStart" not in event:
                    exchange.feed(event)
                    yield next(chunks)
        _finish(chunks)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks: list[ChatGenerationChunk] = []
        async with aclosing(_generator(self._astream(messages, stop, **kwargs))) as stream:
            async for chunk in stream:
                chunks.append(chunk)
                if run_manager and chunk.text:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
        merged = chunks[0] + chunks[1:]
        message = message_chunk_to_message(merged.message)
        return ChatResult(generations=[ChatGeneration(message=_with_text(message))])


class _Exchange:
    """Stands where the blocking client would: keeps the request, gives the events fed to it."""

    def __init__(self) -> None:
        self.request: dict[str, Any] = {}
        # Every answer opens with this event; giving it at once makes the mapping build the request.
        self._events: list[dict[str, Any]] = [{"messageStart": {"role": "assistant"}}]

    def converse_stream(self, **request: Any) -> dict[str, Any]:
        self.request = request
        return {"stream": self}

    def feed(self, event: dict[str, Any]) -> None:
        self._events.append(event)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self

    def __next__(self) -> dict[str, Any]:
        if not self._events:
            raise StopIteration
        return self._events.pop()


class _NoClient:
    """Takes the place of a blocking client that must never be used."""


def _finish(chunks: Iterator[ChatGenerationChunk]) -> None:
    """Let the mapping see the end of the answer, where it checks that the answer is complete."""
    try:
        next(chunks, None)
    except ConnectionError as error:
        raise ModelInterrupted("the stream ended without messageStop") from error


def _generator(
    stream: AsyncIterator[ChatGenerationChunk],
) -> AsyncGenerator[ChatGenerationChunk, None]:
    assert isinstance(stream, AsyncGenerator)
    return stream


def _with_text(message: BaseMessage) -> BaseMessage:
    """Return the answer with plain text as its content where it is nothing but text."""
    if isinstance(message, AIMessage) and not message.tool_calls:
        return message.model_copy(update={"content": message.text})
    return message


def _provider(model_id: str) -> str | None:
    """Name the vendor that an ARN does not tell; None lets the id speak for itself."""
    return "anthropic" if model_id.startswith("arn:") else None
