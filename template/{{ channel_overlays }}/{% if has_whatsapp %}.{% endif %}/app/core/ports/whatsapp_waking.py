"""How the WhatsApp channel sees to it that whoever wrote is answered."""

from typing import Protocol


class Waking(Protocol):
    """Has people answered whose messages wait in the store: by this process, or by any."""

    async def start(self) -> None:
        """Begin to answer people in this process, those whom an earlier process left first."""
        ...

    async def stop(self, seconds: float) -> int:
        """Finish what runs, leave the rest to others; returns how many people were cut off."""
        ...

    async def wake(self, person: str) -> None:
        """Have the person answered soon.

        Raises:
            QueueUnavailable: nobody may know of it; the person has to be woken again.
        """
        ...
