import asyncio
import time
from collections.abc import Callable

POLL_SECONDS = 0.05


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Watch for something another process does; return whether it happened within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True
