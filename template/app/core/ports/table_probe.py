"""What readiness needs of the table."""

from typing import Protocol


class TableProbe(Protocol):
    """Can be asked whether the table answers."""

    async def probe(self) -> None:
        """Read something cheap.

        Raises:
            StorageUnavailable: the table does not answer.
        """
        ...
