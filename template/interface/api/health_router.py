"""What a load balancer and a monitoring system ask."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from domain.exceptions.storage import StorageError
from interface.dependencies import TheChatService, TheMetrics, TheReadings, TheSettings, TheTable

router = APIRouter(tags=["operations"])


@router.get("/health")
async def health(settings: TheSettings) -> dict[str, str]:
    """Tell that the process is alive; does no input or output."""
    return {"status": "ok", "llm_provider": settings.llm_provider}


_STATUS = {"type": "object", "properties": {"status": {"type": "string"}}}


@router.get(
    "/ready",
    responses={
        503: {
            "description": "New turns would fail",
            "content": {"application/json": {"schema": _STATUS}},
        }
    },
)
async def ready(chat_service: TheChatService, table: TheTable) -> JSONResponse:
    """Tell whether new turns would succeed: the table answers and the bot is not stopping."""
    if chat_service.is_stopping:
        return JSONResponse({"status": "stopping"}, status_code=503)
    try:
        await table.probe()
    except StorageError:
        return JSONResponse({"status": "table unavailable"}, status_code=503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", include_in_schema=False)
async def metrics(metrics: TheMetrics, readings: TheReadings) -> Response:
    """Give the metrics in Prometheus' text format, and have what has to be read, read for the next."""
    readings.refresh()
    # In a thread, because with many series it takes milliseconds in which no chat would move.
    exposition = await asyncio.to_thread(generate_latest, metrics.registry)
    return Response(exposition, media_type=CONTENT_TYPE_LATEST)
