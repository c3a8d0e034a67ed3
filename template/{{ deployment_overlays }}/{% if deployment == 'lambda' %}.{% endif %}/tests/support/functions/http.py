"""The function behind the HTTP API."""

from app.dependency_injection.function_container import FunctionContainer
from interface.aws_lambda.http import answer, make_application
from tests.support.execution_environments import Handle
from tests.support.invocation_context import CONTEXT


async def make(container: FunctionContainer) -> Handle:
    application = await make_application(container)
    return lambda event: answer(application, event, CONTEXT)
