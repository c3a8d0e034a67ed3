"""What the endpoints are given: parts of the container, as annotated parameters.

The functions are asynchronous although they wait for nothing: FastAPI runs plain ones in a thread.
"""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.core.config import Settings
from app.core.observability.metrics import Metrics
from app.core.observability.readings import Readings
from app.core.ports.table_probe import TableProbe
from app.core.service.chat.chat_service import ChatService
from app.dependency_injection.application_container import ApplicationContainer


async def get_container(connection: HTTPConnection) -> ApplicationContainer:
    """Return the container of the running application."""
    container: ApplicationContainer = connection.app.state.container
    return container


Container = Annotated[ApplicationContainer, Depends(get_container)]


async def _settings(container: Container) -> Settings:
    settings: Settings = container.settings()
    return settings


async def _chat_service(container: Container) -> ChatService:
    service: ChatService = container.services.chat_service()
    return service


async def _table_probe(container: Container) -> TableProbe:
    probe: TableProbe = container.gateways.dynamodb_client()
    return probe


async def _metrics(container: Container) -> Metrics:
    metrics: Metrics = container.services.metrics()
    return metrics


async def _readings(container: Container) -> Readings:
    readings: Readings = container.readings()
    return readings


TheSettings = Annotated[Settings, Depends(_settings)]
TheChatService = Annotated[ChatService, Depends(_chat_service)]
TheTable = Annotated[TableProbe, Depends(_table_probe)]
TheMetrics = Annotated[Metrics, Depends(_metrics)]
TheReadings = Annotated[Readings, Depends(_readings)]
