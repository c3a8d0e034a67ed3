"""The bot as its Lambda functions have it."""

from dependency_injector import providers

from app.core.config import Settings
from app.dependency_injection.application_container import ApplicationContainer


class FunctionContainer(ApplicationContainer):
    """The composition root of the functions."""

    # Started in this order by a function that runs turns.
    turn_parts = providers.List(
        ApplicationContainer.gateways.aws_connection,
        ApplicationContainer.gateways.dynamodb_client,
        ApplicationContainer.gateways.bedrock_client,
    )


def function_container(settings: Settings) -> FunctionContainer:
    """Return the bot's parts, none of them started."""
    return FunctionContainer(settings=settings)
