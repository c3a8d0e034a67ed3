"""What operators work with."""

from dependency_injector import containers, providers

from app.core.config import Settings
from app.core.service.operator.operator_auth import OperatorAuth
from app.core.service.whatsapp.whatsapp_operator_service import WhatsAppOperatorService


class OperatorContainer(containers.DeclarativeContainer):
    """Who may act as an operator, and what they can do."""

    settings = providers.Dependency(instance_of=Settings)
    repositories = providers.DependenciesContainer()
    whatsapp = providers.DependenciesContainer()

    operator_auth = providers.Singleton(OperatorAuth, settings.provided.operator_names.call())
    operator_service = providers.Singleton(
        WhatsAppOperatorService,
        repositories.ticket_repository,
        repositories.chat_repository,
        whatsapp.whatsapp_service,
    )
