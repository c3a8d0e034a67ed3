"""How the bot's parts stop together."""

import asyncio
import time

import pytest
from dependency_injector import providers

from app.core.settings_owner import OwnerSettings
from app.dependency_injection import lifecycle
from app.dependency_injection.application_container import ApplicationContainer
from tests.support.logs import LogLines


class Hanging:
    """A part that never stops by itself."""

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        await asyncio.Event().wait()


async def test_all_parts_together_have_one_time_to_stop_in(
    monkeypatch: pytest.MonkeyPatch, logs: LogLines
) -> None:
    monkeypatch.setattr(lifecycle, "STOP_SECONDS", 0.3)
    monkeypatch.setattr(lifecycle, "_LEAST_SECONDS", 0.01)
    container = ApplicationContainer(settings=OwnerSettings())
    container.lifecycle.override(providers.List(*map(providers.Object, [Hanging()] * 5)))
    async with lifecycle.running(container):
        began = time.monotonic()
    # Each within its own time would take 1.5 seconds.
    assert 0.2 < time.monotonic() - began < 1
    assert len(logs.events("part_did_not_stop")) == 5
