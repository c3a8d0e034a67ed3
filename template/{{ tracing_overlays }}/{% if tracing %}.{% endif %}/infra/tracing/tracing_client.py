"""Langfuse: a trace per turn, an observation per call of the model or a tool, a score per thumb.

Never in the way of an answer: what is said here is put on queues, which threads of the SDK empty.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from langchain_core.messages import BaseMessage
from langfuse import LangfuseAgent, LangfuseGeneration, LangfuseTool, propagate_attributes
from opentelemetry.sdk.trace.sampling import Decision, TraceIdRatioBased
from pydantic import SecretStr

from app.core.ports.model_calls import ModelCall, ToolCall
from app.core.ports.prompts import PROMPT_VERSION, Prompts
from app.core.ports.tracing import Tracing
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnOutcome
from domain.dto.chat import TokenUsage
from domain.dto.handoff import Ticket
from domain.dto.model_price import ModelPrice
from domain.dto.prompt_version import PromptVersion
from domain.dto.rating import Rating
from domain.ids import parse_timestamp, time_of_id
from infra.tracing.in_time import is_done_in_time
from infra.tracing.langfuse_project import LangfuseProject
from infra.tracing.masking import mask
from infra.tracing.no_tracing import UntracedTurn

logger = structlog.get_logger(__name__)

_SEND_TIMEOUT_SECONDS = 5
_STOP_SECONDS = 8
_FLUSH_SECONDS = 2
# How long nobody waits for a flush after one that was in vain.
_NO_FLUSH_SECONDS = 60
# A thumb that was taken back: no number would do, each of them counts as an opinion.
_TAKEN_BACK = "taken_back"

PriceOf = Callable[[str], ModelPrice | None]


@dataclass(frozen=True, slots=True)
class TracingOptions:
    """What traces bear and tell: `tags` of the whole bot, how many turns, whether their texts."""

    tags: Sequence[str]
    sample_rate: float = 1.0
    sends_content: bool = True


class TracingClient(Tracing):
    """Sends turns, and what people think of their answers, to Langfuse."""

    def __init__(
        self, project: LangfuseProject, options: TracingOptions, price_of: PriceOf, prompts: Prompts
    ) -> None:
        self.langfuse = project.open(timeout_seconds=_SEND_TIMEOUT_SECONDS)
        self.options = options
        self.price_of = price_of
        self._secret_key = project.secret_key
        self._prompts = prompts
        # By the trace id, so that a turn is there with all its parts and scores, or not at all.
        self._sampler = TraceIdRatioBased(options.sample_rate)
        self._running: dict[str, _TracedTurn] = {}
        self._no_flush_before = 0.0

    async def start(self) -> None:
        self._prompts.keep_fresh()

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        self._prompts.keep_fresh()
        if not self._is_sampled(turn.trace_id):
            return UntracedTurn()
        user = pseudonym_of(turn.user_id, self._secret_key)
        self._running[turn.chat_id] = traced = _TracedTurn(self, turn, user)
        return traced

    def turn_ended(self, turn: TurnContext) -> None:
        """Follow the turn no longer."""
        self._running.pop(turn.chat_id, None)

    def handed_over(self, ticket: Ticket) -> None:
        traced = self._running.get(ticket.chat_id)
        if traced is not None:
            traced.handed_over(ticket)

    def rated(self, rating: Rating) -> None:
        if not self._is_sampled(rating.trace_id):
            return
        about: dict[str, Any] = {
            # Langfuse replaces a score whose id, name and day are the same, and keeps any other.
            "score_id": f"{rating.trace_id}-{rating.rater}",
            "name": f"{rating.rater}_rating",
            "timestamp": parse_timestamp(time_of_id(rating.message_id)),
            "trace_id": rating.trace_id,
            "comment": self._comment(rating),
            "metadata": {"channel": rating.channel, "rated_at": rating.rated_at},
        }
        if rating.is_good is None:
            # A deletion is done later, and not surely (langfuse/langfuse#10692); this comes in order.
            self.langfuse.create_score(value=_TAKEN_BACK, data_type="CATEGORICAL", **about)
        else:
            self.langfuse.create_score(value=float(rating.is_good), data_type="BOOLEAN", **about)

    async def flush(self) -> None:
        if time.monotonic() < self._no_flush_before:
            return
        if not await is_done_in_time(self.langfuse.flush, _FLUSH_SECONDS):
            self._no_flush_before = time.monotonic() + _NO_FLUSH_SECONDS
            logger.warning("traces_not_sent", reason="Langfuse did not answer in time")

    async def stop(self) -> None:
        """Send what is still held."""
        await self._prompts.stop()
        if not await is_done_in_time(self.langfuse.shutdown, _STOP_SECONDS):
            logger.warning("traces_not_sent", reason="Langfuse did not answer in time")

    def _comment(self, rating: Rating) -> str | None:
        # The SDK masks observations, but no scores.
        return mask(data=rating.comment) or None if self.options.sends_content else None

    def _is_sampled(self, trace_id: str) -> bool:
        decision = self._sampler.should_sample(None, int(trace_id, 16), "turn").decision
        return decision is Decision.RECORD_AND_SAMPLE


class _TracedTurn(ObservedTurn):
    def __init__(self, client: TracingClient, turn: TurnContext, user: str) -> None:
        self._client = client
        self._turn = turn
        self._user = user
        self._calls: dict[int, LangfuseGeneration | LangfuseTool] = {}
        self._attributes: dict[str, Any] = {
            "user_id": user,
            "session_id": turn.session_id,
            "tags": [f"channel:{turn.channel}", *client.options.tags],
            "metadata": {"chat_id": turn.chat_id, "message_id": turn.message_id},
            "trace_name": "turn",
        }
        with propagate_attributes(**self._attributes):
            self._span: LangfuseAgent = client.langfuse.start_observation(
                trace_context={"trace_id": turn.trace_id},
                name="turn",
                as_type="agent",
                input=self._content(turn.question),
            )

    def model_call_started(self, call: ModelCall) -> None:
        version = _prompt_version(call.messages)
        link = {"name": version.name, "version": version.version} if version else None
        with propagate_attributes(**self._attributes, prompt=link):
            self._calls[id(call)] = self._span.start_observation(
                name=call.node or "model",
                as_type="generation",
                model=call.model or None,
                model_parameters=dict(call.parameters) or None,
                input=self._content([_to_dict(message) for message in call.messages]),
            )

    def model_called(self, call: ModelCall) -> None:
        generation = self._calls.pop(id(call))
        used = _parts_of(call.usage)
        price = self._client.price_of(call.model)
        generation.update(
            output=self._content(_output_of(call)),
            completion_start_time=_moment(call.first_token_at),
            usage_details={name: part.total for name, part in used.items()},
            # Without a price of ours Langfuse computes one from the model's name, if it knows it.
            cost_details={name: price.cost_of(part) for name, part in used.items()}
            if price
            else None,
            **_fault(call.error),
        )
        generation.end()

    def tool_call_started(self, call: ToolCall) -> None:
        with propagate_attributes(**self._attributes):
            self._calls[id(call)] = self._span.start_observation(
                name=call.name or "tool",
                as_type="tool",
                input=self._content(self._with_pseudonym(call.arguments)),
                metadata={"node": call.node},
            )

    def tool_called(self, call: ToolCall) -> None:
        tool = self._calls.pop(id(call))
        result = self._content(self._with_pseudonym(_result_of(call)))
        tool.update(output=result, **_fault(call.error))
        tool.end()

    def handed_over(self, ticket: Ticket) -> None:
        """Show in the trace that a person was asked to go on."""
        with propagate_attributes(**self._attributes):
            self._span.create_event(
                name="handed_over",
                input=self._content(ticket.summary),
                metadata={"ticket_id": ticket.ticket_id, "reason": ticket.reason},
            )

    def ended(self, outcome: TurnOutcome) -> None:
        self._client.turn_ended(self._turn)
        for call in self._calls.values():
            # Nobody says of a call that was cancelled that it is over.
            call.update(level="ERROR", status_message=outcome.error_code)
            call.end()
        if outcome.error_code is not None:
            self._span.update(level="ERROR", status_message=outcome.error_code)
        else:
            self._span.update(output=self._content(outcome.answer))
        self._span.end()

    def _content(self, value: Any) -> Any:
        """Return what people and the model wrote, or nothing where that is not to leave."""
        return value if self._client.options.sends_content else None

    def _with_pseudonym(self, value: Any) -> Any:
        """Return a tool's data as what can be sent, with the user's id replaced: tools are given it."""
        return _replaced(mask(data=value), mask(data=self._turn.user_id), self._user)


def pseudonym_of(user_id: str, key: SecretStr) -> str:
    """Return a stable name; without the key nobody can try phone numbers until one fits."""
    digest = hmac.new(key.get_secret_value().encode(), user_id.encode(), hashlib.sha256)
    return digest.hexdigest()[:24]


def _parts_of(usage: TokenUsage) -> dict[str, TokenUsage]:
    """Split the tokens so that each is counted once, under the names of Langfuse's price list.

    Source: Langfuse documentation, "Model usage and cost tracking", "Usage types".
    """
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    parts = {
        "input": TokenUsage(usage.input_tokens - read - written),
        "output": TokenUsage(output_tokens=usage.output_tokens),
    }
    if read:
        parts["cache_read_input_tokens"] = TokenUsage(read, cache_read_tokens=read)
    if written:
        parts["cache_creation_input_tokens"] = TokenUsage(written, cache_write_tokens=written)
    return parts


def _prompt_version(messages: Sequence[BaseMessage]) -> PromptVersion | None:
    """Return the first version among the messages: a generation can be linked to one."""
    versions = (message.response_metadata.get(PROMPT_VERSION) for message in messages)
    return next((version for version in versions if version), None)


def _output_of(call: ModelCall) -> Any:
    if not call.tool_calls:
        return call.output
    calls = [{"name": asked["name"], "args": asked["args"]} for asked in call.tool_calls]
    return {"content": call.output, "tool_calls": calls} if call.output else {"tool_calls": calls}


def _result_of(call: ToolCall) -> Any:
    return call.result.text if isinstance(call.result, BaseMessage) else call.result


def _replaced(value: Any, old: str, new: str) -> Any:
    """Return data in which no text is the old one."""
    if isinstance(value, dict):
        return {name: _replaced(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, old, new) for inner in value]
    return new if value == old else value


def _fault(error: BaseException | None) -> dict[str, Any]:
    """Return what says of an observation that it failed; an error's message may quote anybody."""
    return {} if error is None else {"level": "ERROR", "status_message": type(error).__name__}


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _to_dict(message: BaseMessage) -> dict[str, str]:
    return {"role": message.type, "content": message.text}
