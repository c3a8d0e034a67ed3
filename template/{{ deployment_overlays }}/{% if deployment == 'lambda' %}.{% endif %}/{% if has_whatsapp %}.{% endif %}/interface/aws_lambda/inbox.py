"""The function behind the queue of people who wrote: it answers them."""

from collections.abc import Mapping
from typing import Any, Protocol

import structlog

from app.core.service.whatsapp.wake_handler import WakeHandler
from app.dependency_injection.function_container import FunctionContainer
from domain.exceptions.whatsapp import QueueUnavailable
from interface.aws_lambda.environment import Environment, start_parts

logger = structlog.get_logger(__name__)

# With less time than a turn may take, what waits is left to the next invocation.
_LEAST_MILLISECONDS = 200_000


class Postponing(Protocol):
    """Gives a message back for a while; see PersonQueue.postpone."""

    async def postpone(self, receipt: str, seconds: float) -> None: ...


class Inbox:
    """Answers the people of a batch, one after the other."""

    def __init__(self, wake_handler: WakeHandler, queue: Postponing) -> None:
        self._wake_handler = wake_handler
        self._queue = queue

    async def handle(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answer; returns the messages that come again, in the form SQS's event source asks for."""
        again = [record for record in event["Records"] if not await self._is_done(record, context)]
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in again]}

    async def _is_done(self, record: Mapping[str, Any], context: Any) -> bool:
        seconds = await self._wake_handler.handle(
            record["body"],
            int(record["attributes"]["ApproximateReceiveCount"]),
            lambda: context.get_remaining_time_in_millis() < _LEAST_MILLISECONDS,
        )
        if seconds is None:
            return True
        try:
            await self._queue.postpone(record["receiptHandle"], seconds)
        except QueueUnavailable as error:
            # It comes again all the same, after the queue's own time.
            logger.warning("whatsapp_wake_not_postponed", reason=str(error))
        return False


async def make_inbox(container: FunctionContainer) -> Inbox:
    """Return the function, and open what it needs."""
    await start_parts(container.turn_parts())
    return Inbox(container.whatsapp.wake_handler(), container.whatsapp.person_queue())


_environment = Environment(make_inbox)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer the people of an event of the queue."""
    return _environment.run(lambda inbox: inbox.handle(event, context))
