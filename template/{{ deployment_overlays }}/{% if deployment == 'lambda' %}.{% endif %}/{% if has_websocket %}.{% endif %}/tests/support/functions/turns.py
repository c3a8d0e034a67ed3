"""The function that answers WebSocket clients."""

from app.dependency_injection.function_container import FunctionContainer
from interface.aws_lambda.turns import make_turns
from tests.support.execution_environments import Handle


async def make(container: FunctionContainer) -> Handle:
    return (await make_turns(container)).handle
