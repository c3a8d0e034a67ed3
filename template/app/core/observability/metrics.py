"""Counters and times for Prometheus; docs/operate.md says what each tells, and what to do."""

import time
from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
)

from app.core.ports.handoff_observer import HandoffObserver
from app.core.ports.model_calls import ModelCall
from app.core.ports.rating_observer import RatingObserver
from app.core.ports.table_observer import TableObserver, TableOutcome
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from app.core.settings.core import GRAPH_PRESET, LANGUAGE
from domain.dto.handoff import Ticket
from domain.dto.model_price import ModelPrice
from domain.dto.rating import Rating
from domain.exceptions.model import ModelError

_RATINGS = {True: "good", False: "bad", None: "taken_back"}
_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
_CANCELLED = "cancelled"


def _no_price(_: str) -> ModelPrice | None:
    return None


class Metrics(TurnObserver, HandoffObserver, RatingObserver, TableObserver):
    """The bot's metrics in a registry of their own."""

    def __init__(self, price_of: Callable[[str], ModelPrice | None] = _no_price) -> None:
        """Args:
        price_of: what a model costs, None where that is not known.
        """
        self._price_of = price_of
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("chatbot", "Which bot it is", registry=self.registry).info(
            {"preset": GRAPH_PRESET, "language": LANGUAGE}
        )
        self._turns = self._counter(
            "chatbot_turns", "Turns by how they ended", "channel", "preset", "outcome"
        )
        self._running = Gauge(
            "chatbot_turns_running", "Turns running now", ["channel"], registry=self.registry
        )
        self._turn_seconds = self._histogram(
            "chatbot_turn_seconds", "From a question to the end of its turn", "channel", "preset"
        )
        self._turn_first_token_seconds = self._histogram(
            "chatbot_turn_first_token_seconds",
            "From a question to the first piece of its answer",
            "channel",
            "preset",
        )
        self._errors = self._counter(
            "chatbot_errors", "What users were told instead of an answer", "channel", "code"
        )
        self._first_token_seconds = self._histogram(
            "chatbot_model_first_token_seconds", "From a model call to its first text", "node"
        )
        self._model_calls = self._counter(
            "chatbot_model_calls", "Model calls by how they ended", "node", "outcome"
        )
        self._tokens = self._counter(
            "chatbot_model_tokens", "Tokens of the model calls, those of the cache included", "kind"
        )
        self._cached_tokens = self._counter(
            "chatbot_model_cached_tokens", "Tokens of the input that passed the cache", "kind"
        )
        self._cost = self._counter(
            "chatbot_model_cost_dollars", "What the model calls cost, in US dollars", "model"
        )
        self._calls_without_price = self._counter(
            "chatbot_model_calls_without_price", "Model calls whose price is not known", "model"
        )
        self._table_requests = self._counter(
            "chatbot_dynamodb_requests", "Requests to the table", "operation", "outcome"
        )
        units = self._counter(
            "chatbot_dynamodb_consumed_units", "Capacity units that the table consumed", "kind"
        )
        self._read_units, self._write_units = units.labels("read"), units.labels("write")
        self._handoffs = self._counter(
            "chatbot_handoffs", "Chats handed over to a person", "channel", "reason"
        )
        self._releases = self._counter(
            "chatbot_handoffs_released", "Chats given back to the bot", "channel"
        )
        self._ratings = self._counter(
            "chatbot_ratings", "What people think of answers", "channel", "rater", "rating"
        )

    def table_asked(
        self,
        operation: str,
        outcome: TableOutcome,
        *,
        read_units: float = 0.0,
        write_units: float = 0.0,
    ) -> None:
        self._table_requests.labels(operation, outcome).inc()
        if read_units:
            self._read_units.inc(read_units)
        if write_units:
            self._write_units.inc(write_units)

    def handed_over(self, ticket: Ticket) -> None:
        self._handoffs.labels(ticket.channel, ticket.reason).inc()

    def released(self, ticket: Ticket) -> None:
        self._releases.labels(ticket.channel).inc()

    def rated(self, rating: Rating) -> None:
        self._ratings.labels(rating.channel, rating.rater, _RATINGS[rating.is_good]).inc()

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        self._running.labels(turn.channel).inc()
        return _MeasuredTurn(self, turn)

    def error_told(self, channel: str, code: str) -> None:
        self._errors.labels(channel, code).inc()

    async def stop(self) -> None:
        """Nothing is held back."""

    def count_call(self, call: ModelCall, outcome: str) -> None:
        """Count a model call that is over, or was left."""
        self._model_calls.labels(call.node, outcome).inc()
        if call.first_token_at is not None:
            self._first_token_seconds.labels(call.node).observe(
                call.first_token_at - call.started_at
            )
        usage = call.used()
        self._tokens.labels("input").inc(usage.input_tokens)
        self._tokens.labels("output").inc(usage.output_tokens)
        self._cached_tokens.labels("read").inc(usage.cache_read_tokens)
        self._cached_tokens.labels("write").inc(usage.cache_write_tokens)
        if not call.model:
            # The offline model, which has no name, costs nothing.
            return
        price = self._price_of(call.model)
        if price is None:
            self._calls_without_price.labels(call.model).inc()
        else:
            self._cost.labels(call.model).inc(price.cost_of(usage))

    def count_first_token(self, turn: TurnContext) -> None:
        """Measure how long the user waited until their answer began."""
        self._turn_first_token_seconds.labels(turn.channel, GRAPH_PRESET).observe(_since(turn))

    def count_turn(self, turn: TurnContext, outcome: TurnOutcome) -> None:
        """Count a turn that is over."""
        self._running.labels(turn.channel).dec()
        self._turns.labels(turn.channel, GRAPH_PRESET, outcome.error_code or "answered").inc()
        self._turn_seconds.labels(turn.channel, GRAPH_PRESET).observe(_since(turn))

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(name, documentation, labels, registry=self.registry)

    def _histogram(self, name: str, documentation: str, *labels: str) -> Histogram:
        return Histogram(name, documentation, labels, buckets=_SECONDS, registry=self.registry)


class _MeasuredTurn(ObservedTurn):
    def __init__(self, metrics: Metrics, turn: TurnContext) -> None:
        self._metrics = metrics
        self._turn = turn
        self._running: list[ModelCall] = []

    def model_call_started(self, call: ModelCall) -> None:
        self._running.append(call)

    def model_called(self, call: ModelCall) -> None:
        self._running = [other for other in self._running if other is not call]
        self._metrics.count_call(call, _outcome_of(call))

    def answer_began(self) -> None:
        self._metrics.count_first_token(self._turn)

    def ended(self, outcome: TurnOutcome) -> None:
        for call in self._running:
            # Nobody says of a call that was left that it is over; it costs something all the same.
            self._metrics.count_call(call, outcome.error_code or _CANCELLED)
        self._metrics.count_turn(self._turn, outcome)


def _outcome_of(call: ModelCall) -> str:
    """Return how a call ended, never by the name of a class: those are many, and change."""
    if call.error is None:
        return "answered"
    if isinstance(call.error, ModelError):
        return call.error.code
    return "internal_error" if isinstance(call.error, Exception) else _CANCELLED


def _since(turn: TurnContext) -> float:
    return time.monotonic() - turn.asked_at
