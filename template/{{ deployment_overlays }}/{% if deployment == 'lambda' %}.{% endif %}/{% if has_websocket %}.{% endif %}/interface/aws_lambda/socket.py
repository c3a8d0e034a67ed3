"""The function behind the WebSocket API's routes."""

from typing import Any

from app.dependency_injection.function_container import FunctionContainer
from interface.aws_lambda.environment import Environment, start_parts
from interface.aws_lambda.socket_function import SocketFunction


async def make_socket_function(container: FunctionContainer) -> SocketFunction:
    """Return the function, and open what it needs."""
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
        settings=container.settings(),
        auth_service=container.services.auth_service(),
        connections=connections.connection_repository(),
        followers=connections.chat_followers(),
        feedback_service=container.services.feedback_service(),
        chats=container.repositories.chat_repository(),
        sender=connections.connection_client(),
        turns=connections.turn_function_client(),
    )


_environment = Environment(make_socket_function)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve `$connect`, `$disconnect` or `$default`."""
    return _environment.run(lambda function: function.handle(event))
