"""What only the WebSocket counts."""

from prometheus_client import Counter, Gauge

from app.core.observability.metrics import Metrics


class SocketMetrics:
    """Metrics beside the bot's others, in the same registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._open = Gauge(
            "chatbot_open_sockets", "Sockets that are open now", registry=metrics.registry
        )
        self._refused = Counter(
            "chatbot_sockets_refused",
            "Sockets that were refused, by the code told",
            ["code"],
            registry=metrics.registry,
        )

    def opened(self) -> None:
        """Count a socket in."""
        self._open.inc()

    def closed(self) -> None:
        """Count a socket out."""
        self._open.dec()

    def count_refused(self, code: str) -> None:
        """Count a socket that was not opened."""
        self._refused.labels(code).inc()
