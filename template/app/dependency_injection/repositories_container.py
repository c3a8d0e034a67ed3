"""What is kept in the table."""

from dependency_injector import containers, providers

from app.core.config import Settings
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.daily_budget_repository import DailyBudgetRepository
from infra.repositories.rate_limit_repository import RateLimitRepository
from infra.repositories.review_repository import ReviewRepository
from infra.repositories.ticket_repository import TicketRepository


class RepositoriesContainer(containers.DeclarativeContainer):
    """The repositories, all on one client."""

    settings = providers.Dependency(instance_of=Settings)
    gateways = providers.DependenciesContainer()

    chat_repository = providers.Singleton(ChatRepository, gateways.dynamodb_client)
    ticket_repository = providers.Singleton(TicketRepository, gateways.dynamodb_client)
    review_repository = providers.Singleton(ReviewRepository, gateways.dynamodb_client)
    daily_budget_repository = providers.Singleton(
        DailyBudgetRepository,
        gateways.dynamodb_client,
        settings.provided.budget_turns_per_day,
        settings.provided.budget_tokens_per_day,
    )
    rate_limit_repository = providers.Singleton(
        RateLimitRepository, gateways.dynamodb_client, settings.provided.rate_limit_per_minute
    )
