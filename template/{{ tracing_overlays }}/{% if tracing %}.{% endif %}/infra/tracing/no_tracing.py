"""What follows the turns where Langfuse has no keys, and those turns that are not sampled."""

from app.core.ports.model_calls import ModelCall
from app.core.ports.tracing import Tracing
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnOutcome
from domain.dto.handoff import Ticket
from domain.dto.rating import Rating


class NoTracing(Tracing):
    """Sends nothing, and spares the bot the import of Langfuse."""

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        return UntracedTurn()

    def handed_over(self, ticket: Ticket) -> None:
        return

    def rated(self, rating: Rating) -> None:
        return

    async def flush(self) -> None:
        return

    async def stop(self) -> None:
        return


class UntracedTurn(ObservedTurn):
    """A turn of which nothing is kept."""

    def model_call_started(self, call: ModelCall) -> None:
        return

    def model_called(self, call: ModelCall) -> None:
        return

    def ended(self, outcome: TurnOutcome) -> None:
        return
