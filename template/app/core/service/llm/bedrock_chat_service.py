"""Claude, Nova and the others on Bedrock as a LangChain chat model without threads.

ChatBedrockConverse knows how LangChain's messages, tools and answers map to the Converse API, but
reaches Bedrock only through a blocking client. Here it does just the mapping: its generator runs
against a stand-in for that client, which hands out the request and takes in the events, while the
wire is asynchronous.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

from langchain_aws import ChatBedrockConverse
from langchain_aws.utils import parse_model_provider
from langchain_core.callbacks import AsyncCallbackHandler, AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, message_chunk_to_message
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from app.core.ports.converse_client import ConverseClient
from app.core.service.llm.base_langchain_service import BaseLangChainService
from domain.exceptions.model import ModelInterrupted
from domain.text import well_formed

# Long enough for a thorough answer, a bound for the cost of one turn.
MAX_OUTPUT_TOKENS = 2048
# Bedrock refuses a cache point (AccessDeniedException) for a model that is not in the list of its
# user guide, "Prompt caching": Claude from 3.5 Haiku and 3.5 Sonnet v2 on, and Nova's text models.
_CACHING = re.compile(
    r"anthropic\.claude-(?!v2|instant|3-(opus|sonnet|haiku)|3-5-sonnet-20240620)"
    r"|amazon\.nova-(?!sonic|canvas|reel)|:application-inference-profile/"
)


class BedrockChatService(BaseLangChainService):
    """The chat model of BEDROCK_MODEL_ID_CHAT."""

    def __init__(
        self,
        converse: ConverseClient,
        model_id: str,
        region: str,
        guardrail: dict[str, str] | None = None,
    ) -> None:
        self._model = AsyncChatBedrockConverse(
            model_id=model_id,
            region_name=region,
            max_tokens=MAX_OUTPUT_TOKENS,
            # Given, so that no blocking client is made.
            client=_NoClient(),
            bedrock_client=_NoClient(),
            converse=converse,
            guardrail_config=guardrail,
            caches_prompts=_CACHING.search(model_id) is not None,
            **_named_by_arn(model_id),
        )

    def chat_model(self) -> BaseChatModel:
        return self._model


class AsyncChatBedrockConverse(ChatBedrockConverse):
    """ChatBedrockConverse whose asynchronous calls never occupy a thread."""

    converse: Any = Field(exclude=True)
    caches_prompts: bool = False

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        mapping = _Mapping(self, messages, stop, kwargs)
        async with aclosing(self.converse.converse_stream(mapping.request)) as events:
            async for event in events:
                if "messageStart" not in event:
                    yield mapping.chunk_of(event)
        mapping.finish()

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        mapping = _Mapping(self, messages, stop, kwargs)
        answer = _JoinedText()
        tell = _teller(run_manager)
        async with aclosing(self.converse.converse_stream(mapping.request)) as events:
            async for event in events:
                text = answer.add(event)
                if text:
                    await tell(text)
        chunks = [mapping.chunk_of(event) for event in answer.events()]
        mapping.finish()
        message = message_chunk_to_message((chunks[0] + chunks[1:]).message)
        return ChatResult(generations=[ChatGeneration(message=_with_text(message))])


class _Mapping:
    """One call's mapping by ChatBedrockConverse: messages to a request, events to chunks."""

    def __init__(
        self,
        model: AsyncChatBedrockConverse,
        messages: list[BaseMessage],
        stop: list[str] | None,
        options: dict[str, Any],
    ) -> None:
        if model.caches_prompts:
            # The prefix up to the last message returns in the next call.
            options.setdefault("cache_control", {"ttl": "5m"})
        self._exchange = _Exchange()
        mapper = model.model_copy(update={"client": self._exchange})
        self._chunks = mapper._stream(messages, stop, None, **options)
        # Runs the mapping up to its first event, by when the request is built.
        next(self._chunks)

    @property
    def request(self) -> dict[str, Any]:
        return self._exchange.request

    def chunk_of(self, event: dict[str, Any]) -> ChatGenerationChunk:
        self._exchange.feed(event)
        return next(self._chunks)

    def finish(self) -> None:
        """Let the mapping see the end, where it checks that the answer is complete.

        Raises:
            ModelInterrupted: it is not.
        """
        try:
            next(self._chunks, None)
        except ConnectionError as error:
            raise ModelInterrupted("the stream ended without messageStop") from error


class _JoinedText:
    """The events of an answer with the text of each block joined: a chunk for each piece is dear."""

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []
        self._pieces: list[str] = []
        self._block = 0

    def add(self, event: dict[str, Any]) -> str:
        """Take an event in; returns its text, if it has any."""
        text: str | None = event.get("contentBlockDelta", {}).get("delta", {}).get("text")
        if text is None:
            if "messageStart" not in event:
                self._join()
                self._events.append(event)
            return ""
        block = event["contentBlockDelta"]["contentBlockIndex"]
        if block != self._block:
            self._join()
            self._block = block
        self._pieces.append(text)
        return text

    def events(self) -> list[dict[str, Any]]:
        """Return what there is to map."""
        self._join()
        return self._events

    def _join(self) -> None:
        if self._pieces:
            delta = {"contentBlockIndex": self._block, "delta": {"text": "".join(self._pieces)}}
            self._events.append({"contentBlockDelta": delta})
            self._pieces = []


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


def _teller(run_manager: AsyncCallbackManagerForLLMRun | None) -> Callable[[str], Awaitable[None]]:
    """Return what passes a piece of text to those who listen.

    Listeners that are awaited in place are called as they are: LangChain's dispatch costs 8 µs for
    each piece, 0.25 ms in an answer of 30.
    """
    if run_manager is None:
        return _tell_nobody
    listening = [handler for handler in run_manager.handlers if not handler.ignore_llm]
    in_place = [
        handler
        for handler in listening
        if isinstance(handler, AsyncCallbackHandler) and handler.run_inline and handler.raise_error
    ]
    if len(in_place) < len(listening):
        return run_manager.on_llm_new_token

    async def tell(text: str) -> None:
        for handler in in_place:
            await handler.on_llm_new_token(text, run_id=run_manager.run_id)

    return tell


async def _tell_nobody(text: str) -> None:
    return


def _with_text(message: BaseMessage) -> BaseMessage:
    """Return the answer with plain text as its content where it is nothing but text.

    The arguments of its tool calls get whole characters: a model may write half a surrogate pair
    as an escape in their JSON, and nothing could store it.
    """
    if not isinstance(message, AIMessage):
        return message
    if not message.tool_calls:
        return message.model_copy(update={"content": message.text})
    calls = [{**call, "args": _whole(call["args"])} for call in message.tool_calls]
    return message.model_copy(update={"tool_calls": calls})


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else well_formed(value)
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _named_by_arn(model_id: str) -> dict[str, str]:
    """Name the model behind an ARN; one that does not tell it is Claude, whatever its generation."""
    if not model_id.startswith("arn:"):
        return {}
    name = model_id.rpartition("/")[2]
    if "." not in name:
        return {"provider": "anthropic", "base_model_id": "anthropic.claude"}
    provider = parse_model_provider(name)
    return {"provider": provider, "base_model_id": name[name.index(provider) :]}
