"""Sends the traces that Langfuse's SDK holds back, before Lambda freezes the process."""

import asyncio
import sys

import structlog

logger = structlog.get_logger(__name__)

# The answer is on its way by then; what is not sent in this time goes with the next invocation.
_FLUSH_TIMEOUT_SECONDS = 5


async def flush_traces() -> None:
    """Wait until Langfuse has the traces of this invocation; its SDK blocks while it sends."""
    if "langfuse" not in sys.modules:
        # No turn was traced here, and the import takes as long as the rest of a cold start.
        return
    from langfuse import get_client

    try:
        async with asyncio.timeout(_FLUSH_TIMEOUT_SECONDS):
            await asyncio.to_thread(get_client().flush)
    except TimeoutError:
        logger.warning("traces_not_sent", reason="Langfuse did not answer in time")
