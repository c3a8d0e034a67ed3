"""Blocking work that nobody may have to wait for: not the event loop, and not the process's end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread


async def is_done_in_time(work: Callable[[], None], seconds: float) -> bool:
    """Tell whether the work is done within the time; if not, it goes on by itself.

    `asyncio.to_thread` would not do: at its end Python waits for such threads, for minutes.
    """
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def run() -> None:
        try:
            work()
        finally:
            # The loop is closed where nobody waits any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(done.set)

    Thread(target=run, name="langfuse", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            await done.wait()
    except TimeoutError:
        return False
    return True
