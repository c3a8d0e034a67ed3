"""How deep the queue of the people to answer is."""

import math

from app.core.observability.readings import Reading
from app.core.observability.whatsapp_metrics import WhatsAppMetrics
from app.core.ports.person_queue import PersonQueue


class QueueReading(Reading):
    """The queue's messages, which every replica sees alike."""

    def __init__(self, metrics: WhatsAppMetrics, queue: PersonQueue) -> None:
        self._metrics = metrics
        self._queue = queue

    async def read(self) -> None:
        depth = await self._queue.depth()
        self._metrics.set_queue_messages(waiting=depth.waiting, taken=depth.taken)

    def forget(self) -> None:
        self._metrics.set_queue_messages(waiting=math.nan, taken=math.nan)
