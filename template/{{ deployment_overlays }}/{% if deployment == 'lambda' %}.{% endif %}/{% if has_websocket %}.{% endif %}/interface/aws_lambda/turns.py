"""The function that runs turns, called by the one behind the WebSocket API."""

from collections.abc import Mapping
from typing import Any

from app.dependency_injection.function_container import FunctionContainer
from domain.dto.chat import ChatRequest
from domain.dto.connection import TurnOrder
from interface.aws_lambda.environment import Environment, start_parts
from interface.aws_lambda.turn_function import TurnFunction, greet


class Turns:
    """Greets and answers; what a turn needs is loaded after the greeting, which shall not wait."""

    def __init__(self, container: FunctionContainer) -> None:
        self._container = container
        self._function: TurnFunction | None = None

    async def handle(self, event: Mapping[str, Any]) -> None:
        """Do what the event orders."""
        if connection_id := event.get("greet"):
            await greet(self._container.connections.connection_client(), connection_id)
        if self._function is None:
            # Also after a greeting: while its reader types, it costs them nothing.
            self._function = await self._load()
        if order := event.get("answer"):
            await self._function.answer(_turn_order(order))

    async def _load(self) -> TurnFunction:
        connections = self._container.connections
        await self._container.gateways.bedrock_client().start()
        return TurnFunction(
            chat_service=self._container.services.chat_service(),
            connections=connections.connection_repository(),
            followers=connections.chat_followers(),
            sender=connections.connection_client(),
        )


async def make_turns(container: FunctionContainer) -> Turns:
    """Return the function, and open what a greeting needs."""
    gateways = container.gateways
    await start_parts(
        (
            gateways.aws_connection(),
            gateways.dynamodb_client(),
            container.connections.connection_client(),
        )
    )
    return Turns(container)


def _turn_order(order: Mapping[str, Any]) -> TurnOrder:
    return TurnOrder(**{**order, "request": ChatRequest(**order["request"])})


_environment = Environment(make_turns)


def handler(event: dict[str, Any], context: Any) -> None:
    """Greet a new client (`greet`), or answer a question (`answer`)."""
    _environment.run(lambda turns: turns.handle(event))
