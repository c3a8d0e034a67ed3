"""The function that answers what people send over WhatsApp."""

from app.dependency_injection.function_container import FunctionContainer
from interface.aws_lambda.inbox import make_inbox
from tests.support.execution_environments import Handle
from tests.support.invocation_context import CONTEXT


async def make(container: FunctionContainer) -> Handle:
    inbox = await make_inbox(container)
    return lambda event: inbox.handle(event, CONTEXT)
