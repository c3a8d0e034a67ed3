"""Keeps many turns from keeping step."""

import asyncio

# So many may do the same in one round of the event loop; a few milliseconds.
_AT_ONCE = 3


class Turnstile:
    """Lets a few tasks through in each round of the event loop.

    Turns that begin in one moment would else do the same at the same time until they end, and whoever
    asks for anything else, such as `/health`, would wait for all of them at each step.
    """

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def pass_through(self) -> None:
        """Wait for one's place in the line, first come, first served."""
        async with self._places:
            await asyncio.sleep(0)
