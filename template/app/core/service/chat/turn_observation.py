"""One turn reported to all observers; a failing observer is logged and costs the user nothing."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from app.core.ports.model_calls import ModelCall, ModelCallListener
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from domain.dto.chat import TokenUsage

logger = structlog.get_logger(__name__)


class TurnObservation(ModelCallListener):
    """Reports a turn from its start to its one end."""

    def __init__(self, observers: Sequence[TurnObserver], turn: TurnContext) -> None:
        self._turn = turn
        self._started_at = time.monotonic()
        self._observed: list[ObservedTurn] = []
        self._is_over = False
        for observer in observers:
            with _guarded():
                self._observed.append(observer.turn_started(turn))

    def model_call_started(self, call: ModelCall) -> None:
        for observed in self._observed:
            with _guarded():
                observed.model_call_started(call)

    def model_called(self, call: ModelCall) -> None:
        for observed in self._observed:
            with _guarded():
                observed.model_called(call)

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


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("turn_observer_failed")
