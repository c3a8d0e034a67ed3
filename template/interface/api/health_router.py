"""What a load balancer and a monitoring system ask."""

from typing import Annotated

from dependency_injector.wiring import Provide, inject
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.core.config import Settings
from app.core.observability.metrics import Metrics
from app.core.ports.table_probe import TableProbe
from app.core.service.chat.chat_service import ChatService
from app.dependency_injection.application_container import ApplicationContainer
from domain.exceptions.storage import StorageError

router = APIRouter(tags=["operations"])


@router.get("/health")
@inject
async def health(
    settings: Annotated[Settings, Depends(Provide[ApplicationContainer.settings])],
) -> dict[str, str]:
    """Tell that the process is alive; does no input or output."""
    return {"status": "ok", "llm_provider": settings.llm_provider}


@router.get("/ready")
@inject
async def ready(
    chat_service: Annotated[
        ChatService, Depends(Provide[ApplicationContainer.services.chat_service])
    ],
    table: Annotated[TableProbe, Depends(Provide[ApplicationContainer.gateways.dynamodb_client])],
) -> JSONResponse:
    """Tell whether new turns would succeed: the table answers and the bot is not stopping."""
    if chat_service.is_stopping:
        return JSONResponse({"status": "stopping"}, status_code=503)
    try:
        await table.probe()
    except StorageError:
        return JSONResponse({"status": "table unavailable"}, status_code=503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", include_in_schema=False)
@inject
async def metrics(
    metrics: Annotated[Metrics, Depends(Provide[ApplicationContainer.services.metrics])],
) -> Response:
    """Give the metrics in Prometheus' text format."""
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
