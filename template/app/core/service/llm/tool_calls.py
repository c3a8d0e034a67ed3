"""Tools that are plain functions: those who follow the turn are told when one is used."""

import inspect
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from langgraph.config import get_config

from app.core.ports.model_calls import ModelCallListener, ToolCall

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Of the turn that runs; the tasks of its graph inherit it.
_listener: ContextVar[ModelCallListener | None] = ContextVar("tool_call_listener", default=None)


def reported(
    tool: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Report every use of an asynchronous method that the nodes call as a tool.

    A tool of LangChain (`@tool`) needs no `@reported`: LangChain reports it.
    """
    # Without `self`.
    names = list(inspect.signature(tool).parameters)[1:]

    @wraps(tool)
    async def reporting(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        listener = _listener.get()
        if listener is None:
            return await tool(*args, **kwargs)
        arguments = {**dict(zip(names, args[1:], strict=False)), **kwargs}
        call = ToolCall(_node(), tool.__qualname__, arguments, time.time())
        listener.tool_call_started(call)
        try:
            call.result = result = await tool(*args, **kwargs)
        except BaseException as error:
            call.error = error
            raise
        finally:
            call.ended_at = time.time()
            listener.tool_called(call)
        return result

    return reporting


@contextmanager
def reporting_to(listener: ModelCallListener) -> Iterator[None]:
    """Report the tools that run inside to this listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def _node() -> str:
    try:
        metadata = get_config().get("metadata") or {}
    except RuntimeError:
        # Not in a node.
        return ""
    return str(metadata.get("langgraph_node", ""))
