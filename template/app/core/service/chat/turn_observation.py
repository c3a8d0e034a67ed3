"""What is reported to all observers; a failing observer is logged and costs the user nothing."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from app.core.ports.model_calls import ModelCall, ModelCallListener, ToolCall
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from domain.dto.chat import TokenUsage

logger = structlog.get_logger(__name__)

_Listener = TypeVar("_Listener")


class TurnObservation(ModelCallListener):
    """Reports a turn from its start to its one end."""

    def __init__(self, observers: Sequence[TurnObserver], turn: TurnContext) -> None:
        self._turn = turn
        self._observed: list[ObservedTurn] = []
        self._usage = TokenUsage()
        self._running: list[ModelCall] = []
        self._has_begun = False
        self._is_over = False
        _tell(observers, lambda observer: self._observed.append(observer.turn_started(turn)))

    @property
    def usage(self) -> TokenUsage:
        """What the turn's model calls used so far; of those not over, an estimate."""
        return sum((call.used() for call in self._running), self._usage)

    def model_call_started(self, call: ModelCall) -> None:
        self._running.append(call)
        _tell(self._observed, lambda observed: observed.model_call_started(call))

    def model_called(self, call: ModelCall) -> None:
        self._running = [other for other in self._running if other is not call]
        self._usage += call.used()
        _tell(self._observed, lambda observed: observed.model_called(call))

    def tool_call_started(self, call: ToolCall) -> None:
        _tell(self._observed, lambda observed: observed.tool_call_started(call))

    def tool_called(self, call: ToolCall) -> None:
        _tell(self._observed, lambda observed: observed.tool_called(call))

    def answer_began(self) -> None:
        """Report the first piece of the answer; called again it does nothing."""
        if self._has_begun:
            return
        self._has_begun = True
        _tell(self._observed, lambda observed: observed.answer_began())

    def answered(self, answer: str, usage: TokenUsage) -> None:
        self._end(TurnOutcome(answer, usage, error_code=None))

    def failed(self, code: str) -> None:
        self._end(TurnOutcome(None, TokenUsage(), error_code=code))

    def _end(self, outcome: TurnOutcome) -> None:
        if self._is_over:
            return
        self._is_over = True
        _tell(self._observed, lambda observed: observed.ended(outcome))
        logger.info(
            "turn_ended",
            channel=self._turn.channel,
            outcome=outcome.error_code or "answered",
            milliseconds=round((time.monotonic() - self._turn.asked_at) * 1000),
            input_tokens=outcome.usage.input_tokens,
            output_tokens=outcome.usage.output_tokens,
        )


def report_error(observers: Sequence[TurnObserver], channel: str, code: str) -> None:
    """Report what a user was told in place of an answer, also where no turn began."""
    _tell(observers, lambda observer: observer.error_told(channel, code))


def _tell(listeners: Sequence[_Listener], report: Callable[[_Listener], None]) -> None:
    for listener in listeners:
        try:
            report(listener)
        except Exception:
            logger.exception("turn_observer_failed")
