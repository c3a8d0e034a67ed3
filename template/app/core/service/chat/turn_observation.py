"""One turn reported to all observers; a failing observer is logged and costs the user nothing."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from app.core.ports.model_calls import ModelCall, ModelCallListener, ToolCall
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from domain.dto.chat import TokenUsage

logger = structlog.get_logger(__name__)

# Of a call that was cut off nobody tells its usage; in Portuguese and English a token is about this.
_CHARACTERS_OF_A_TOKEN = 4


class TurnObservation(ModelCallListener):
    """Reports a turn from its start to its one end."""

    def __init__(self, observers: Sequence[TurnObserver], turn: TurnContext) -> None:
        self._turn = turn
        self._started_at = time.monotonic()
        self._observed: list[ObservedTurn] = []
        self._usage = TokenUsage()
        self._running: list[ModelCall] = []
        self._is_over = False
        for observer in observers:
            with _guarded():
                self._observed.append(observer.turn_started(turn))

    @property
    def usage(self) -> TokenUsage:
        """What the turn's model calls used so far; of those not over, an estimate."""
        return sum(map(_estimate, self._running), self._usage)

    def model_call_started(self, call: ModelCall) -> None:
        self._running.append(call)
        for observed in self._observed:
            with _guarded():
                observed.model_call_started(call)

    def model_called(self, call: ModelCall) -> None:
        self._running = [other for other in self._running if other is not call]
        self._usage += call.usage if call.error is None else _estimate(call)
        for observed in self._observed:
            with _guarded():
                observed.model_called(call)

    def tool_call_started(self, call: ToolCall) -> None:
        for observed in self._observed:
            with _guarded():
                observed.tool_call_started(call)

    def tool_called(self, call: ToolCall) -> None:
        for observed in self._observed:
            with _guarded():
                observed.tool_called(call)

    def answered(self, answer: str, usage: TokenUsage) -> None:
        self._end(TurnOutcome(answer, usage, error_code=None))

    def failed(self, code: str) -> None:
        self._end(TurnOutcome(None, TokenUsage(), error_code=code))

    def _end(self, outcome: TurnOutcome) -> None:
        if self._is_over:
            return
        self._is_over = True
        for observed in self._observed:
            with _guarded():
                observed.ended(outcome)
        logger.info(
            "turn_ended",
            channel=self._turn.channel,
            outcome=outcome.error_code or "answered",
            milliseconds=round((time.monotonic() - self._started_at) * 1000),
            input_tokens=outcome.usage.input_tokens,
            output_tokens=outcome.usage.output_tokens,
        )


def _estimate(call: ModelCall) -> TokenUsage:
    if call.first_token_at is None and isinstance(call.error, Exception):
        # The call was refused, and costs nothing.
        return TokenUsage()
    asked = sum(len(message.text) for message in call.messages)
    return TokenUsage(_tokens(asked), _tokens(call.characters))


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS_OF_A_TOKEN)


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("turn_observer_failed")
