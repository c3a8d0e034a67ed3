"""Waiting for what another party does."""

import asyncio
import time
from collections.abc import Callable

_POLL_SECONDS = 0.01


async def eventually(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Return as soon as the condition holds; fail if it does not within so many seconds.

    The usual bound only ends what hangs: a machine may be ten times as busy as another.
    """
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"did not happen within {within} s"
        await asyncio.sleep(_POLL_SECONDS)
