"""The conversation's graph for LangGraph Studio, which finds it by langgraph.json: `uv run nox -s studio`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langchain_core.runnables import Runnable

from app.core.config import load_settings
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer


@asynccontextmanager
async def graph() -> AsyncIterator[Runnable[Any, Any]]:
    """Give the graph with the model of the settings; chats are Studio's, the table is not touched.

    Raises:
        SettingsError: a setting is wrong.
    """
    container = ApplicationContainer(settings=load_settings(OwnerSettings))
    connection = container.gateways.aws_connection()
    model = container.gateways.bedrock_client()
    try:
        await model.start()
        yield container.services.orchestrator().graph
    finally:
        await model.stop()
        await connection.stop()
