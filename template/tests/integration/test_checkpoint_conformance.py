"""LangGraph's own conformance suite against the bot's checkpointer: in a turn, and between turns.

Within a turn everything holds. Between turns only the newest checkpoint of a graph is kept, and
those of its subgraphs that wait; the tables below say what that leaves out, and why.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.report import ProgressCallbacks

from app.core.service.llm.turn_checkpoints import TurnCheckpoints

TESTS = 58

# They go back to a checkpoint before the newest. Nobody can: the bot has no way to rewind a chat.
HISTORY = {
    "test_put_multiple_checkpoints_same_thread",
    "test_put_incremental_channel_update",
    "test_get_tuple_specific_checkpoint_id",
    "test_list_all",
    "test_list_by_thread",
    "test_list_by_namespace",
    "test_list_ordering",
    "test_list_metadata_filter_single_key",
    "test_list_metadata_filter_step",
    "test_list_metadata_custom_keys",
    "test_list_before",
    "test_list_limit",
    "test_list_limit_plus_before",
    "test_list_combined_thread_and_filter",
}
# They ask which checkpoint came before: the newest does not name one that is gone.
PARENTS = {"test_put_parent_config", "test_get_tuple_parent_config"}
# They read a subgraph that does not wait. Its checkpoint would grow with every run for nothing.
ENDED_SUBGRAPHS = {
    "test_put_child_namespace",
    "test_put_writes_across_namespaces",
    "test_get_tuple_respects_namespace",
    "test_delete_thread_removes_all_namespaces",
}


class BetweenTurns(BaseCheckpointSaver[int]):
    """Before each call every chat is taken, its process ends, and another one restores it."""

    def __init__(self) -> None:
        super().__init__()
        self._process = TurnCheckpoints()

    def _next_process(self) -> TurnCheckpoints:
        before, self._process = self._process, TurnCheckpoints()
        for chat_id, namespaces in before.storage.items():
            if namespaces.get(""):
                self._process.restore(chat_id, before.take(chat_id))
        return self._process

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        return await self._next_process().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        await self._next_process().aput_writes(config, writes, task_id, task_path)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return await self._next_process().aget_tuple(config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        found = self._next_process().alist(config, filter=filter, before=before, limit=limit)
        async for checkpoint in found:
            yield checkpoint

    async def adelete_thread(self, thread_id: str) -> None:
        await self._next_process().adelete_thread(thread_id)


async def failures(saver: type[BaseCheckpointSaver[Any]]) -> set[str]:
    """Return the names of the suite's tests that such a saver does not pass."""
    outcomes: dict[str, bool] = {}

    async def new_saver() -> AsyncGenerator[BaseCheckpointSaver[Any], None]:
        yield saver()

    def note(capability: str, test: str, passed: bool, error: str | None) -> None:
        outcomes[test] = passed

    registered = checkpointer_test(saver.__name__)(new_saver)
    await validate(registered, progress=ProgressCallbacks(on_test_result=note))
    assert len(outcomes) == TESTS
    return {test for test, passed in outcomes.items() if not passed}


async def test_in_a_turn_everything_holds() -> None:
    assert await failures(TurnCheckpoints) == set()


async def test_between_turns_everything_holds_that_the_newest_checkpoint_allows() -> None:
    assert await failures(BetweenTurns) == HISTORY | PARENTS | ENDED_SUBGRAPHS
