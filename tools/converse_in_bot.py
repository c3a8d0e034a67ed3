"""Holds a conversation with the offline model in the bot whose folder this runs in.

Reads what the person says as a JSON list, and writes what was answered and which steps were taken.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from app.core.service.llm.graph.offline_script import OFFLINE_SCRIPT
from app.core.service.llm.graph.orchestrator_agent_service import OrchestratorAgentService
from app.core.service.llm.offline_chat_service import OfflineChatService
from langgraph.graph import StateGraph
from tests.support.conversation import Conversation

Step = Callable[..., Awaitable[Any]]


def note_steps(taken: list[str]) -> None:
    """Have every graph that is built from now on note which steps it takes."""
    add_node = StateGraph.add_node

    def add_noting_node(self: Any, name: str, step: Step, **options: Any) -> Any:
        @wraps(step)
        async def noting(*state: Any, **more: Any) -> Any:
            taken.append(name)
            return await step(*state, **more)

        return add_node(self, name, noting, **options)

    StateGraph.add_node = add_noting_node


async def main() -> None:
    taken: list[str] = []
    note_steps(taken)
    model = OfflineChatService(OFFLINE_SCRIPT, pause_seconds=0).chat_model()
    conversation = Conversation(lambda: OrchestratorAgentService(model))
    turns = []
    for said in json.load(sys.stdin):
        taken.clear()
        answer = await conversation.say(said)
        turns.append(
            {
                "said": said,
                "answer": answer,
                "steps": list(taken),
                "is_waiting": conversation.is_waiting,
            }
        )
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    json.dump(turns, sys.stdout)


asyncio.run(main())
