"""What only the WhatsApp channel counts."""

from prometheus_client import Counter

from app.core.observability.metrics import Metrics


class WhatsAppMetrics:
    """Counters beside the bot's others, in the same registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._undelivered = Counter(
            "chatbot_whatsapp_undelivered",
            "Messages that Meta accepted and could not deliver, by its error code",
            ["code"],
            registry=metrics.registry,
        )

    def count_undelivered(self, code: int) -> None:
        """Count a message that did not arrive."""
        self._undelivered.labels(str(code)).inc()
