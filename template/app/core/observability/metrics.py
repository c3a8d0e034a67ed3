"""Counters and times for Prometheus."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from app.core.ports.handoff_observer import HandoffObserver
from app.core.ports.model_calls import ModelCall
from app.core.ports.rating_observer import RatingObserver
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from app.core.settings.core import GRAPH_PRESET, LANGUAGE
from domain.dto.handoff import Ticket
from domain.dto.rating import Rating

_RATINGS = {True: "good", False: "bad", None: "taken_back"}
_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)


class Metrics(TurnObserver, HandoffObserver, RatingObserver):
    """The bot's metrics in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        Info("chatbot", "Which bot it is", registry=self.registry).info(
            {"preset": GRAPH_PRESET, "language": LANGUAGE}
        )
        self._turns = Counter(
            "chatbot_turns",
            "Turns by how they ended",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self._running = Gauge(
            "chatbot_turns_running", "Turns running now", ["channel"], registry=self.registry
        )
        self._turn_seconds = Histogram(
            "chatbot_turn_seconds",
            "Time of a whole turn",
            ["channel"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._first_token_seconds = Histogram(
            "chatbot_model_first_token_seconds",
            "Time from a model call to its first text",
            ["node"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._model_calls = Counter(
            "chatbot_model_calls", "Model calls", ["node", "outcome"], registry=self.registry
        )
        self._tokens = Counter(
            "chatbot_model_tokens", "Tokens of the model calls", ["kind"], registry=self.registry
        )
        self._handoffs = Counter(
            "chatbot_handoffs",
            "Chats handed over to a person",
            ["channel", "reason"],
            registry=self.registry,
        )
        self._ratings = Counter(
            "chatbot_ratings",
            "What people think of answers",
            ["channel", "rater", "rating"],
            registry=self.registry,
        )

    def handed_over(self, ticket: Ticket) -> None:
        self._handoffs.labels(ticket.channel, ticket.reason).inc()

    def rated(self, rating: Rating) -> None:
        self._ratings.labels(rating.channel, rating.rater, _RATINGS[rating.is_good]).inc()

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        self._running.labels(turn.channel).inc()
        return _MeasuredTurn(self, turn.channel)

    async def stop(self) -> None:
        """Nothing is held back."""

    def count_call(self, call: ModelCall) -> None:
        """Count a model call that is over."""
        outcome = "answered" if call.error is None else type(call.error).__name__
        self._model_calls.labels(call.node, outcome).inc()
        self._tokens.labels("input").inc(call.usage.input_tokens)
        self._tokens.labels("output").inc(call.usage.output_tokens)
        if call.first_token_at is not None:
            self._first_token_seconds.labels(call.node).observe(
                call.first_token_at - call.started_at
            )

    def count_turn(self, channel: str, outcome: TurnOutcome, seconds: float) -> None:
        """Count a turn that is over."""
        self._running.labels(channel).dec()
        self._turns.labels(channel, outcome.error_code or "answered").inc()
        self._turn_seconds.labels(channel).observe(seconds)


class _MeasuredTurn(ObservedTurn):
    def __init__(self, metrics: Metrics, channel: str) -> None:
        self._metrics = metrics
        self._channel = channel
        self._started_at = time.monotonic()

    def model_call_started(self, call: ModelCall) -> None:
        """Counted when it is over."""

    def model_called(self, call: ModelCall) -> None:
        self._metrics.count_call(call)

    def ended(self, outcome: TurnOutcome) -> None:
        self._metrics.count_turn(self._channel, outcome, time.monotonic() - self._started_at)
