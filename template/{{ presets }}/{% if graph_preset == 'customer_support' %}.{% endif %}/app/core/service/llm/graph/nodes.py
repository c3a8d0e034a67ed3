"""The steps of the conversation: each takes the state and returns what it changes."""

import re
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.decision import Decider
from app.core.service.llm.graph.decisions import SupportDecision
from app.core.service.llm.graph.prompts import (
    FACTS,
    FALLBACK_TASK,
    INTENT_PROMPT,
    LOOKUP_FAILED,
    NOTHING_FOUND,
    NUMBER_MISSING,
    ORDER,
    ORDER_NOT_FOUND,
    SYSTEM_PROMPT,
)
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.graph.tools import (
    Faq,
    LookupFailed,
    Order,
    Orders,
    SampleFaq,
    SampleOrders,
)
from app.core.service.llm.handoff import handed_over, request_human
from domain.dto.handoff import HandoffReason

# Below it the intent is unknown.
MIN_CONFIDENCE = 0.6


class AgentNodes(BaseOrchestratorService):
    """The nodes of the graph; `self.chat_model` is the language model."""

    def __init__(
        self, chat_model: BaseChatModel, faq: Faq | None = None, orders: Orders | None = None
    ) -> None:
        self._intents = Decider(chat_model, SupportDecision, INTENT_PROMPT)
        self._faq = faq or SampleFaq()
        self._orders = orders or SampleOrders()
        super().__init__(chat_model)

    async def _identify_intent_node(self, state: AgentState) -> dict[str, Any]:
        """Have the model decide what the customer needs; who asks for a person gets one."""
        nothing = {"intent": "unknown", "order_number": None, "topic": None, "facts": None}
        decision = await self._intents.decide(state["messages"])
        if decision is None:
            return {**nothing, "asks_for_human": False}
        is_sure = decision.confidence >= MIN_CONFIDENCE
        return {
            **nothing,
            "intent": decision.intent if is_sure else "unknown",
            "order_number": re.sub(r"\D", "", decision.order_number or "") or None,
            "topic": decision.topic,
            "asks_for_human": decision.asks_for_human,
        }

    def _route_by_intent(self, state: AgentState) -> str:
        """Return the name of the edge to take; a wish for a person goes the way of a complaint."""
        return "complaint" if state["asks_for_human"] else state["intent"] or "unknown"

    async def _handle_faq_node(self, state: AgentState) -> dict[str, Any]:
        """Look the answer up."""
        try:
            entries = await self._faq.search(state["topic"] or "")
        except LookupFailed:
            return {"facts": LOOKUP_FAILED}
        lines = "\n".join(f"- {entry.question} {entry.answer}" for entry in entries)
        return {"facts": FACTS.format(facts=lines or NOTHING_FOUND)}

    async def _handle_complaint_node(self, state: AgentState) -> dict[str, Any]:
        """Gather for the operator what the complaint is about."""
        try:
            order = await self._order_of(state)
        except LookupFailed:
            order = None
        parts = (state["topic"], order and _told(order))
        return {"topic": " | ".join(part for part in parts if part)}

    async def _escalate_node(self, state: AgentState) -> dict[str, Any]:
        """Hand the chat over to a person, with a ticket."""
        reason: HandoffReason = "asked_for_human" if state["asks_for_human"] else "complaint"
        return {"handoff": request_human(state["topic"], reason)}

    async def _handle_order_node(self, state: AgentState) -> dict[str, Any]:
        """See whether it is known which order is meant."""
        return {"facts": None if state["order_number"] else NUMBER_MISSING}

    async def _check_status_node(self, state: AgentState) -> dict[str, Any]:
        """Look the order up, among the customer's own."""
        if state["facts"]:
            return {}
        try:
            order = await self._order_of(state)
        except LookupFailed:
            return {"facts": LOOKUP_FAILED}
        if order is None:
            return {"facts": ORDER_NOT_FOUND.format(number=state["order_number"])}
        return {"facts": FACTS.format(facts=f"- {_told(order)}")}

    async def _fallback_node(self, state: AgentState) -> dict[str, Any]:
        """Have the answer say what this channel is for."""
        return {"facts": FALLBACK_TASK}

    async def _respond_node(self, state: AgentState) -> dict[str, Any]:
        """Answer from the system prompt, the recent messages, and what was found."""
        if handoff := state.get("handoff"):
            return {"messages": [handed_over(handoff)]}
        messages = [SystemMessage(SYSTEM_PROMPT), *state["messages"]]
        if state["facts"]:
            # Last, so that everything before it can be cached.
            messages.append(HumanMessage(state["facts"]))
        return {"messages": [await self.chat_model.ainvoke(messages)]}

    async def _order_of(self, state: AgentState) -> Order | None:
        # The user comes from the channel, never from the model: nobody sees another's order.
        if not state["order_number"] or not state["user_id"]:
            return None
        return await self._orders.find(state["user_id"], state["order_number"])


def _told(order: Order) -> str:
    return ORDER.format(
        number=order.number, items=order.items, status=order.status, delivery=order.delivery
    )
