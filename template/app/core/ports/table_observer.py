"""Who wants to know of the requests to the table: metrics, for one."""

from enum import StrEnum
from typing import Protocol


class TableOutcome(StrEnum):
    """How one request ended; one that is repeated counts again."""

    ANSWERED = "answered"
    # The table works: another writer was first, or a limit is reached.
    CONDITION_FAILED = "condition_failed"
    THROTTLED = "throttled"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class TableObserver(Protocol):
    """Is told of every request, without ever waiting."""

    def table_asked(
        self,
        operation: str,
        outcome: TableOutcome,
        *,
        read_units: float = 0.0,
        write_units: float = 0.0,
    ) -> None:
        """A request is over.

        Args:
            operation: as DynamoDB's API names it, `GetItem` for one.
            read_units, write_units: the capacity that DynamoDB says it consumed. What it refuses
                has a cost too, which it does not tell.
        """
        ...
