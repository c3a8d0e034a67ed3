"""The bot's parts with the plain agent in them."""

from dependency_injector import providers

from app.core.config import Settings
from app.core.service.llm.offline_chat_service import OfflineChatService
from app.core.settings.core import LlmProvider
from app.dependency_injection.application_container import ApplicationContainer
from tests.support.plain_agent import PLAIN_SCRIPT, PlainAgent


def make_plain(container: ApplicationContainer, pause_seconds: float = 0) -> None:
    """Put the plain agent into the container, and an offline model that pauses behind each word."""
    services = container.services
    if container.settings().llm_provider is LlmProvider.OFFLINE:
        services.language_model_service.override(
            providers.Object(OfflineChatService(PLAIN_SCRIPT, pause_seconds))
        )
    services.orchestrator.override(providers.Singleton(PlainAgent, services.chat_model))


def plain_container(settings: Settings, pause_seconds: float = 0) -> ApplicationContainer:
    """Return the bot's parts with the plain agent in them."""
    container = ApplicationContainer(settings=settings)
    make_plain(container, pause_seconds)
    return container
