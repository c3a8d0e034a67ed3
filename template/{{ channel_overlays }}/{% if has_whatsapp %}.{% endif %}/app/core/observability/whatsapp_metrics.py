"""What only the WhatsApp channel counts."""

from prometheus_client import Counter, Gauge

from app.core.observability.metrics import Metrics


class WhatsAppMetrics:
    """Metrics beside the bot's others, in the same registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._undelivered = Counter(
            "chatbot_whatsapp_undelivered",
            "Messages that Meta accepted and could not deliver, by its error code",
            ["code"],
            registry=metrics.registry,
        )
        self._queue_messages = Gauge(
            "chatbot_whatsapp_queue_messages",
            "Messages in the queue, about, NaN while that is not known",
            ["state"],
            registry=metrics.registry,
        )

    def count_undelivered(self, code: int) -> None:
        """Count a message that did not arrive."""
        self._undelivered.labels(str(code)).inc()

    def set_queue_messages(self, *, waiting: float, taken: float) -> None:
        """Tell how many messages wait to be taken, and how many are taken or put off."""
        self._queue_messages.labels("waiting").set(waiting)
        self._queue_messages.labels("taken").set(taken)
