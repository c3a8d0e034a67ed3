"""Who traces the turns."""

from app.core.config import Settings
from app.core.ports.turn_observer import TurnObserver
from infra.tracing.no_tracing import NoTracing


def tracing_observer(settings: Settings) -> TurnObserver:
    """Return the client of Langfuse, or one that does nothing where the keys are not set."""
    if not settings.sends_traces:
        return NoTracing()
    # Imported only where it is used: it takes as long as the web server and the table together.
    from infra.tracing.tracing_client import TracingClient

    return TracingClient(
        host=settings.langfuse_host,
        public_key=settings.langfuse_public_key,
        secret_key=settings.langfuse_secret_key,
        environment=settings.app_env,
    )
