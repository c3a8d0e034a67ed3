"""The steps of the conversation: each takes the state and returns what it changes."""

from typing import Any, ClassVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langgraph.types import interrupt

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.decision import Decider
from app.core.service.llm.graph.decisions import LeadDecision, ReactionDecision
from app.core.service.llm.graph.prompts import (
    CLOSE_TASK,
    FAREWELL_TASK,
    LEAD_PROMPT,
    NO_OFFER,
    NURTURE_TASK,
    OBJECTION_TASK,
    PITCH_TASK,
    PRODUCT,
    REACTION_PROMPT,
    SYSTEM_PROMPT,
)
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.graph.tools import Catalogue, LookupFailed, SampleCatalogue
from app.core.service.llm.handoff import handed_over, request_human

# Below it a lead is not qualified, and a reaction is no wish to buy.
MIN_CONFIDENCE = 0.6
# After so many the conversation is brought to a friendly end.
MAX_OBJECTIONS = 3


class AgentNodes(BaseOrchestratorService):
    """The nodes of the graph; `self.chat_model` is the language model."""

    answer_nodes: ClassVar[frozenset[str]] = frozenset(
        {"qualify_lead", "handle_objection", "close_sale", "nurture"}
    )

    def __init__(self, chat_model: BaseChatModel, catalogue: Catalogue | None = None) -> None:
        self._lead = Decider(chat_model, LeadDecision, LEAD_PROMPT)
        self._reaction = Decider(chat_model, ReactionDecision, REACTION_PROMPT)
        self._catalogue = catalogue or SampleCatalogue()
        super().__init__(chat_model)

    async def _qualify_lead_node(self, state: AgentState) -> dict[str, Any]:
        """Decide whether there is something to sell, and word the offer."""
        decision = await self._lead.decide(state["messages"])
        if decision is not None and decision.asks_for_human:
            return {"is_qualified": False, "handoff": request_human(decision.need)}
        if decision is None or not decision.is_qualified or decision.confidence < MIN_CONFIDENCE:
            return {"is_qualified": False}
        offer = await self._offer_for(decision.need)
        if offer is None:
            return {"is_qualified": False, "need": decision.need}
        pitch = await self._say(PITCH_TASK.format(offer=offer), state)
        return {
            "is_qualified": True,
            "need": decision.need,
            "offer": offer,
            "pitch": pitch.text,
            "objections": 0,
        }

    def _route_by_qualification(self, state: AgentState) -> str:
        """Return the name of the edge to take."""
        return "qualified" if state["is_qualified"] else "not_qualified"

    async def _present_product_node(self, state: AgentState) -> dict[str, Any]:
        """Show what was worded, wait, and see how the user takes it."""
        interrupt(state["pitch"])
        decision = await self._reaction.decide(state["messages"])
        if decision is not None and decision.asks_for_human:
            return {"handoff": request_human(decision.need or state["need"])}
        if decision is None or decision.confidence < MIN_CONFIDENCE:
            return {"reaction": "has_objection"}
        if decision.need:
            offer = await self._offer_for(decision.need)
            return {
                "reaction": decision.reaction,
                "need": decision.need,
                "offer": offer or NO_OFFER,
            }
        return {"reaction": decision.reaction}

    def _route_by_reaction(self, state: AgentState) -> str:
        """Return the name of the edge to take; who objected often enough is let go."""
        if state.get("handoff"):
            return "interested"
        if state["reaction"] == "has_objection" and state["objections"] < MAX_OBJECTIONS:
            return "has_objection"
        return "interested"

    async def _handle_objection_node(self, state: AgentState) -> dict[str, Any]:
        """Answer the doubt; present_product shows the answer and waits."""
        answer = await self._say(OBJECTION_TASK.format(offer=state["offer"]), state)
        return {"pitch": answer.text, "objections": state["objections"] + 1}

    async def _close_sale_node(self, state: AgentState) -> dict[str, Any]:
        """Tell how to buy, say goodbye, or that a person takes over; nothing is ordered here."""
        if handoff := state.get("handoff"):
            return {"messages": [handed_over(handoff)]}
        task = CLOSE_TASK if state["reaction"] == "interested" else FAREWELL_TASK
        return {"messages": [await self._say(task.format(offer=state["offer"]), state)]}

    async def _nurture_node(self, state: AgentState) -> dict[str, Any]:
        """Be of use to somebody who does not want to buy, or not yet."""
        if handoff := state.get("handoff"):
            return {"messages": [handed_over(handoff)]}
        return {"messages": [await self._say(NURTURE_TASK, state)]}

    async def _offer_for(self, need: str) -> str | None:
        try:
            products = await self._catalogue.search(need)
        except LookupFailed:
            return None
        lines = (
            PRODUCT.format(name=p.name, description=p.description, price=p.price, url=p.url)
            for p in products
        )
        return "\n".join(lines) or None

    async def _say(self, task: str, state: AgentState) -> BaseMessage:
        # The task comes last, so that everything before it can be cached.
        messages = [SystemMessage(SYSTEM_PROMPT), *state["messages"], HumanMessage(task)]
        return await self.chat_model.ainvoke(messages)
