"""Langfuse: a trace per turn, a generation per model call. Never in the way of an answer."""

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import structlog
from langchain_core.messages import BaseMessage
from langfuse import Langfuse, LangfuseGeneration, propagate_attributes
from pydantic import SecretStr

from app.core.ports.model_calls import ModelCall
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from infra.tracing.masking import mask

logger = structlog.get_logger(__name__)

_SEND_TIMEOUT_SECONDS = 5
_FLUSH_TIMEOUT_SECONDS = 8


class TracingClient(TurnObserver):
    """Sends turns to Langfuse from a background thread of its SDK."""

    def __init__(
        self, *, host: str, public_key: str, secret_key: SecretStr, environment: str
    ) -> None:
        self._secret_key = secret_key
        self._langfuse = Langfuse(
            base_url=host,
            public_key=public_key,
            secret_key=secret_key.get_secret_value(),
            environment=environment,
            timeout=_SEND_TIMEOUT_SECONDS,
            mask=mask,
        )

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        return _TracedTurn(self._langfuse, turn, pseudonym_of(turn.user_id, self._secret_key))

    async def stop(self) -> None:
        """Send what is still held; the SDK blocks while it does, so not on the event loop."""
        try:
            async with asyncio.timeout(_FLUSH_TIMEOUT_SECONDS):
                await asyncio.to_thread(self._langfuse.shutdown)
        except TimeoutError:
            logger.warning("traces_not_sent", reason="Langfuse did not answer in time")


class _TracedTurn(ObservedTurn):
    def __init__(self, langfuse: Langfuse, turn: TurnContext, user: str) -> None:
        self._generations: dict[int, LangfuseGeneration] = {}
        self._attributes: dict[str, Any] = {
            "user_id": user,
            "session_id": turn.session_id,
            "tags": [turn.channel],
            "metadata": {"chat_id": turn.chat_id, "message_id": turn.message_id},
            "trace_name": "turn",
        }
        with propagate_attributes(**self._attributes):
            self._span = langfuse.start_observation(
                trace_context={"trace_id": turn.trace_id},
                name="turn",
                as_type="agent",
                input=turn.question,
            )

    def model_call_started(self, call: ModelCall) -> None:
        with propagate_attributes(**self._attributes):
            self._generations[id(call)] = self._span.start_observation(
                name=call.node or "model",
                as_type="generation",
                model=call.model or None,
                input=[_to_dict(message) for message in call.messages],
            )

    def model_called(self, call: ModelCall) -> None:
        generation = self._generations.pop(id(call))
        generation.update(
            output=call.output,
            completion_start_time=_moment(call.first_token_at),
            usage_details={
                "input": call.usage.input_tokens,
                "output": call.usage.output_tokens,
            },
            level=None if call.error is None else "ERROR",
            status_message=None if call.error is None else type(call.error).__name__,
        )
        generation.end()

    def ended(self, outcome: TurnOutcome) -> None:
        for generation in self._generations.values():
            # Nobody says of a call that was cancelled that it is over.
            generation.update(level="ERROR", status_message=outcome.error_code)
            generation.end()
        if outcome.error_code is not None:
            self._span.update(level="ERROR", status_message=outcome.error_code)
        else:
            self._span.update(output=outcome.answer)
        self._span.end()


def pseudonym_of(user_id: str, key: SecretStr) -> str:
    """Return a stable name; without the key nobody can try phone numbers until one fits."""
    digest = hmac.new(key.get_secret_value().encode(), user_id.encode(), hashlib.sha256)
    return digest.hexdigest()[:24]


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _to_dict(message: BaseMessage) -> dict[str, str]:
    return {"role": message.type, "content": message.text}
