"""The function that takes what WebSocket clients send."""

from app.dependency_injection.function_container import FunctionContainer
from interface.aws_lambda.socket import make_socket_function
from tests.support.execution_environments import Handle


async def make(container: FunctionContainer) -> Handle:
    return (await make_socket_function(container)).handle
