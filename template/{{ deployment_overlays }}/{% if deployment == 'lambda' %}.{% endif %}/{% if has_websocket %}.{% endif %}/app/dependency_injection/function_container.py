"""The bot as its Lambda functions have it: its parts, and the clients that no process holds."""

from dependency_injector import containers, providers

from app.core.config import Settings
from app.core.service.connection.chat_followers import ChatFollowers
from app.dependency_injection.application_container import ApplicationContainer
from infra.api_gateway.connection_client import ConnectionClient
from infra.aws_lambda.turn_function_client import TurnFunctionClient
from infra.repositories.announcing_repositories import (
    AnnouncingChatRepository,
    AnnouncingTicketRepository,
)
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.connection_repository import ConnectionRepository


class ConnectionsContainer(containers.DeclarativeContainer):
    """Who is connected, and how they are reached."""

    settings = providers.Dependency(instance_of=Settings)
    gateways = providers.DependenciesContainer()

    connection_repository = providers.Singleton(ConnectionRepository, gateways.dynamodb_client)
    connection_client = providers.Singleton(
        ConnectionClient, gateways.aws_connection, settings.provided.socket_callback_url
    )
    turn_function_client = providers.Singleton(
        TurnFunctionClient, gateways.aws_connection, settings.provided.turn_function_name
    )
    chat_followers = providers.Singleton(
        ChatFollowers,
        connection_repository,
        providers.Singleton(ChatRepository, gateways.dynamodb_client),
        connection_client,
    )
    chat_repository = providers.Singleton(
        AnnouncingChatRepository, gateways.dynamodb_client, chat_followers
    )
    ticket_repository = providers.Singleton(
        AnnouncingTicketRepository, gateways.dynamodb_client, chat_followers
    )


class FunctionContainer(ApplicationContainer):
    """The composition root of the functions."""

    connections = providers.Container(
        ConnectionsContainer,
        settings=ApplicationContainer.settings,
        gateways=ApplicationContainer.gateways,
    )
    # Started in this order by a function that runs turns.
    turn_parts = providers.List(
        ApplicationContainer.gateways.aws_connection,
        ApplicationContainer.gateways.dynamodb_client,
        connections.connection_client,
        ApplicationContainer.gateways.bedrock_client,
    )


def function_container(settings: Settings) -> FunctionContainer:
    """Return the bot's parts, none started; who is connected is told what operators do."""
    container = FunctionContainer(settings=settings)
    repositories, connections = container.repositories, container.connections
    repositories.chat_repository.override(connections.chat_repository)
    repositories.ticket_repository.override(connections.ticket_repository)
    return container
