"""How deep the queue of the people to answer is."""

import math

from prometheus_client import Gauge

from app.core.observability.metrics import Metrics
from app.core.observability.readings import Reading
from app.core.ports.person_queue import PersonQueue, QueueDepth


class QueueReading(Reading):
    """The queue's messages, those that wait to be taken and those that are or were put off."""

    def __init__(self, metrics: Metrics, queue: PersonQueue) -> None:
        self._queue = queue
        self._messages = Gauge(
            "chatbot_whatsapp_queue_messages",
            "Messages in the queue, about, as last read",
            ["state"],
            registry=metrics.registry,
        )

    async def read(self) -> None:
        self._set(await self._queue.depth())

    def forget(self) -> None:
        for state in ("waiting", "taken"):
            self._messages.labels(state).set(math.nan)

    def _set(self, depth: QueueDepth) -> None:
        self._messages.labels("waiting").set(depth.waiting)
        self._messages.labels("taken").set(depth.taken)
