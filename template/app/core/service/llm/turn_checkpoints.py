"""Where a graph waits for the user: kept in the table with the answer, in memory during a turn."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import INTERRUPT

# What was said is in the table already, message by message.
_REBUILT = "messages"
_FORMAT = "msgpack"
# Whose writes LangGraph records what a turn was given as.
_NO_TASK = str(UUID(int=0))
# The graph itself. A subgraph's namespace is "node:task id", that of one in it "node:id|node:id";
# a node's second call of a subgraph adds "|1". One that keeps its state has no task id: "node".
_ROOT = ""


class TurnCheckpoints(InMemorySaver):
    """The checkpointer of a graph that waits: `workflow.compile(checkpointer=self.checkpoints)`.

    It holds the chats whose turn runs in this process, and no others. Between turns a checkpoint is
    bytes, which the store keeps with the answer: they are as durable as the answer, any process can
    go on from them, and a turn needs no request more.
    """

    def __init__(self) -> None:
        super().__init__(serde=JsonPlusSerializer())

    def get_next_version(self, current: int | None, channel: None) -> int:  # type: ignore[override]
        """Number the versions: the strings of InMemorySaver are most of a checkpoint's bytes."""
        return (current or 0) + 1

    def restore(self, chat_id: str, content: bytes) -> None:
        """Put back what `take` returned at the end of the turn before."""
        kept = self.serde.loads_typed((_FORMAT, content))
        for namespace, part in [(_ROOT, kept), *kept.get("subgraphs", ())]:
            checkpoint = part["checkpoint"]
            config = self.put(
                _config(chat_id, namespace),
                checkpoint,
                part["metadata"],
                checkpoint["channel_versions"],
            )
            for task_id, writes in _by_task(part["writes"]).items():
                self.put_writes(config, writes, task_id)

    def take(self, chat_id: str) -> bytes:
        """Return where the chat's graph waits: its newest checkpoint, without its messages.

        With it goes the newest one of each subgraph that waits or keeps its state; those that came
        to their end, and the checkpoints before, are dropped.

        Raises:
            LookupError: the graph has another checkpointer, which no other process would know of.
            ValueError: the state has a DeltaChannel, whose value is in the checkpoints before.
        """
        waiting: set[str] = set()
        parts: list[tuple[str, dict[str, Any]]] = []
        # A subgraph's namespace is its parent's and more: parents come first.
        for namespace in sorted(self.storage.get(chat_id, ())):
            if ":" in namespace and _task_of(namespace) not in waiting:
                continue
            found = self.get_tuple(_config(chat_id, namespace))
            if found is None:
                continue
            waiting |= {write[0] for write in found.pending_writes or () if write[1] == INTERRUPT}
            parts.append((namespace, _part(found, _REBUILT if namespace == _ROOT else None)))
        if not parts:
            raise LookupError("a graph that waits is compiled with checkpointer=self.checkpoints")
        return self.serde.dumps_typed({**parts[0][1], "subgraphs": parts[1:]})[1]

    def forget(self, chat_id: str) -> None:
        """Drop everything of the chat."""
        self.delete_thread(chat_id)


def _config(chat_id: str, namespace: str = _ROOT) -> RunnableConfig:
    return {"configurable": {"thread_id": chat_id, "checkpoint_ns": namespace}}


def _by_task(writes: Iterable[tuple[str, str, Any]]) -> dict[str, list[tuple[str, Any]]]:
    """Group writes by the task they are of: those of one task are put together, or one is kept."""
    tasks: dict[str, list[tuple[str, Any]]] = {}
    for task_id, channel, value in writes:
        tasks.setdefault(task_id, []).append((channel, value))
    return tasks


def _task_of(namespace: str) -> str:
    """Return the id of the task that runs the subgraph."""
    return namespace.rpartition(":")[2].partition("|")[0]


def _part(found: CheckpointTuple, rebuilt: str | None) -> dict[str, Any]:
    deltas = found.metadata.get("counters_since_delta_snapshot", {}).keys() - {rebuilt}
    if deltas:
        names = ", ".join(sorted(deltas))
        raise ValueError(f"a graph that waits has no DeltaChannel in its state: {names}")
    values = found.checkpoint["channel_values"]
    kept = {name: value for name, value in values.items() if name != rebuilt}
    return {
        "checkpoint": {**found.checkpoint, "channel_values": kept},
        "metadata": found.metadata,
        # What the turn was given is no task's: the next turn is given its own.
        "writes": [list(w) for w in found.pending_writes or () if w[0] != _NO_TASK],
    }
