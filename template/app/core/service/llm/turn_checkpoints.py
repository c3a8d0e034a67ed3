"""Where a graph waits for the user: kept in the table with the answer, in memory during a turn."""

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

# What was said is in the table already, message by message.
_REBUILT = "messages"
_FORMAT = "msgpack"


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
        config = _config(chat_id)
        checkpoint = kept["checkpoint"]
        config = self.put(config, checkpoint, kept["metadata"], checkpoint["channel_versions"])
        for task_id, channel, value in kept["writes"]:
            self.put_writes(config, [(channel, value)], task_id)

    def take(self, chat_id: str) -> bytes:
        """Return the newest checkpoint of the chat, without its messages.

        Raises:
            LookupError: the graph has another checkpointer, which no other process would know of.
        """
        found = self.get_tuple(_config(chat_id))
        if found is None:
            raise LookupError("a graph that waits is compiled with checkpointer=self.checkpoints")
        return self.serde.dumps_typed(_without_messages(found))[1]

    def forget(self, chat_id: str) -> None:
        """Drop everything of the chat."""
        self.delete_thread(chat_id)


def _config(chat_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": chat_id, "checkpoint_ns": ""}}


def _without_messages(found: CheckpointTuple) -> dict[str, Any]:
    values = found.checkpoint["channel_values"]
    kept = {name: value for name, value in values.items() if name != _REBUILT}
    return {
        "checkpoint": {**found.checkpoint, "channel_values": kept},
        "metadata": found.metadata,
        "writes": [list(write) for write in found.pending_writes or ()],
    }
