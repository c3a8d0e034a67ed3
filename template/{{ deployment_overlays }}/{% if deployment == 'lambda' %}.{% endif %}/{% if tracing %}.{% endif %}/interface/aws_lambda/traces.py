"""Sends the traces that Langfuse's SDK holds back, before Lambda freezes the process."""

import sys

from app.dependency_injection.function_container import FunctionContainer


async def flush_traces(container: FunctionContainer) -> None:
    """Wait, for a bounded time, until Langfuse has the traces of this invocation."""
    # Where no turn was traced there is nothing, and the import takes as long as the rest of a start.
    if "langfuse" in sys.modules:
        await container.gateways.tracing_client().flush()
