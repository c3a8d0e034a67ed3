"""Langfuse's SDK, set up for this bot."""

from dataclasses import dataclass

from langfuse import Langfuse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from pydantic import SecretStr

from infra.tracing.masking import mask
from infra.tracing.sdk_logs import say_seldom

# Of conversations as long as the bot's window a batch of these stays under what Langfuse takes.
_BATCH_SPANS = 100


@dataclass(frozen=True, slots=True)
class LangfuseProject:
    """A project at Langfuse, and what everything that is sent there bears."""

    host: str
    public_key: str
    secret_key: SecretStr
    environment: str
    release: str

    def open(self, *, timeout_seconds: int) -> Langfuse:
        """Return the SDK's client, which sends from threads of its own and masks what it sends.

        What is held back is bounded: 2,048 observations (OTEL_BSP_MAX_QUEUE_SIZE), of which the
        oldest go first.
        """
        say_seldom()
        return Langfuse(
            base_url=self.host,
            public_key=self.public_key,
            secret_key=self.secret_key.get_secret_value(),
            environment=self.environment,
            release=self.release or None,
            timeout=timeout_seconds,
            flush_at=_BATCH_SPANS,
            # Otherwise it reads the setting itself, also where that is set to nothing.
            sample_rate=1.0,
            mask=mask,
            # One of its own: nothing else in the process is sent to Langfuse, and its end is ours.
            tracer_provider=TracerProvider(
                # OTEL_TRACES_SAMPLER is for whoever traces the process beside Langfuse.
                sampler=ALWAYS_ON,
                resource=Resource({"service.name": "chatbot"}),
                shutdown_on_exit=False,
            ),
        )
