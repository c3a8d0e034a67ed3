"""The function behind the WebSocket API's routes."""

from typing import Any

from app.core.config import Settings
from app.dependency_injection.function_container import function_container
from interface.aws_lambda.environment import Environment, start_parts
from interface.aws_lambda.socket_function import SocketFunction


async def make_function(settings: Settings) -> SocketFunction:
    """Return the function on a container whose clients are open."""
    container = function_container(settings)
    gateways, connections = container.gateways, container.connections
    await start_parts(
        (
            gateways.aws_connection(),
            gateways.dynamodb_client(),
            connections.connection_client(),
            connections.turn_function_client(),
        )
    )
    return SocketFunction(
        settings=settings,
        auth_service=container.services.auth_service(),
        connections=connections.connection_repository(),
        followers=connections.chat_followers(),
        chats=container.repositories.chat_repository(),
        sender=connections.connection_client(),
        turns=connections.turn_function_client(),
    )


_environment = Environment(make_function)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve `$connect`, `$disconnect` or `$default`."""
    return _environment.run(lambda function: function.handle(event))
