"""An agent that stays as it is when the owner changes theirs: one node, one call of the model."""

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable
from langgraph.graph import END, StateGraph
from langgraph.graph.message import add_messages

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.handoff import handed_over, request_human
from app.core.service.llm.offline_chat_service import OfflineScript
from domain.dto.handoff import HandoffRequest

PROMPT = "You answer."
A_PERSON = "A person, please"


class PlainState(TypedDict):
    """What was said."""

    messages: Annotated[list[BaseMessage], add_messages]
    handoff: HandoffRequest | None


class PlainAgent(BaseOrchestratorService):
    """Asks the model with a prompt of one sentence; hands over to a person at A_PERSON."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(PlainState)
        workflow.add_node("respond", self._respond)
        workflow.set_entry_point("respond")
        workflow.add_edge("respond", END)
        return workflow.compile()

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        if state["messages"][-1].text == A_PERSON:
            handoff = request_human(A_PERSON)
            return {"handoff": handoff, "messages": [handed_over(handoff)]}
        messages = [SystemMessage(PROMPT), *state["messages"]]
        return {"messages": [await self.chat_model.ainvoke(messages)]}


def plain_reply(messages: Sequence[BaseMessage]) -> str:
    """Return what the offline model says to the plain agent: every question so far, as a quote."""
    questions = [message.text for message in messages if isinstance(message, HumanMessage)]
    return "\n".join(f"> {question}" for question in questions)


PLAIN_SCRIPT = OfflineScript(plain_reply)
