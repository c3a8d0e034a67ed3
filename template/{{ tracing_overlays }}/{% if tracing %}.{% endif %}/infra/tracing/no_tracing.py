"""What follows the turns where Langfuse has no keys."""

from app.core.ports.model_calls import ModelCall
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome


class NoTracing(TurnObserver):
    """Sends nothing, and spares the bot the import of Langfuse."""

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        return _UntracedTurn()

    async def stop(self) -> None:
        return


class _UntracedTurn(ObservedTurn):
    def model_call_started(self, call: ModelCall) -> None:
        return

    def model_called(self, call: ModelCall) -> None:
        return

    def ended(self, outcome: TurnOutcome) -> None:
        return
