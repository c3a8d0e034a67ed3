"""What operators work with."""

from dependency_injector import containers, providers

from app.core.config import Settings
from app.core.service.operator.operator_service import OperatorService
from app.core.service.operator.token_operator_auth import TokenOperatorAuth


class OperatorContainer(containers.DeclarativeContainer):
    """Who may act as an operator, and what they can do."""

    settings = providers.Dependency(instance_of=Settings)
    repositories = providers.DependenciesContainer()
    services = providers.DependenciesContainer()

    operator_auth = providers.Singleton(
        TokenOperatorAuth, settings.provided.operator_names.call(), services.auth_service
    )
    operator_service = providers.Singleton(
        OperatorService,
        repositories.ticket_repository,
        repositories.chat_repository,
    )
