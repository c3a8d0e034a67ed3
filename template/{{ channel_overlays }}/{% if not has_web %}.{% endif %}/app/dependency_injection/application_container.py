"""The whole bot, put together."""

from dependency_injector import containers, providers

from app.core.config import Settings
from app.core.observability.readings import Readings
from app.core.service.operator.operator_auth import OperatorAuth
from app.core.service.whatsapp.whatsapp_operator_service import WhatsAppOperatorService
from app.dependency_injection.gateways_container import GatewaysContainer
from app.dependency_injection.repositories_container import RepositoriesContainer
from app.dependency_injection.services_container import ServicesContainer
from app.dependency_injection.whatsapp_container import WhatsAppContainer


class ApplicationContainer(containers.DeclarativeContainer):
    """The composition root: settings in, services out."""

    settings = providers.Dependency(instance_of=Settings)

    gateways = providers.Container(GatewaysContainer, settings=settings)
    repositories = providers.Container(RepositoriesContainer, settings=settings, gateways=gateways)
    services = providers.Container(
        ServicesContainer, settings=settings, gateways=gateways, repositories=repositories
    )
    whatsapp = providers.Container(
        WhatsAppContainer,
        settings=settings,
        gateways=gateways,
        repositories=repositories,
        services=services,
    )
    operator_auth = providers.Singleton(OperatorAuth, settings.provided.operator_names.call())
    operator_service = providers.Singleton(
        WhatsAppOperatorService,
        repositories.ticket_repository,
        repositories.chat_repository,
        services.handoff_service,
        whatsapp.whatsapp_service,
        whatsapp.people,
        whatsapp.undelivered,
    )
    readings = providers.Singleton(
        Readings, providers.List(services.open_tickets), whatsapp.readings
    )

    # Started in this order and stopped in the reverse one.
    lifecycle = providers.List(
        gateways.aws_connection,
        gateways.dynamodb_client,
        gateways.bedrock_client,
        services.chat_service,
        whatsapp.whatsapp_chat_service,
        readings,
    )
