"""The steps of the conversation: each takes the state and returns what it changes."""

from collections.abc import Iterable
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.decision import Decider
from app.core.service.llm.graph.decisions import IntentDecision
from app.core.service.llm.graph.prompts import (
    FACTS,
    INTENT_PROMPT,
    LOOKUP_FAILED,
    NOTHING_FOUND,
    PRODUCT,
    SYSTEM_PROMPT,
)
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.graph.tools import (
    Catalogue,
    Faq,
    LookupFailed,
    SampleCatalogue,
    SampleFaq,
)
from app.core.service.llm.handoff import handed_over, request_human

# Below it the question is answered without a guess at what it is about.
MIN_CONFIDENCE = 0.6


class AgentNodes(BaseOrchestratorService):
    """The nodes of the graph; `self.chat_model` is the language model."""

    def __init__(
        self,
        chat_model: BaseChatModel,
        faq: Faq | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._intents = Decider(chat_model, IntentDecision, INTENT_PROMPT)
        self._faq = faq or SampleFaq()
        self._catalogue = catalogue or SampleCatalogue()
        super().__init__(chat_model)

    async def _process_message_node(self, state: AgentState) -> dict[str, Any]:
        """Begin with nothing known about the question."""
        return {"intent": None, "topic": None, "facts": None}

    async def _classify_intent_node(self, state: AgentState) -> dict[str, Any]:
        """Have the model decide what the question is about."""
        decision = await self._intents.decide(state["messages"])
        if decision is not None and decision.asks_for_human:
            return {"intent": "other", "handoff": request_human(decision.topic)}
        if decision is None or decision.confidence < MIN_CONFIDENCE:
            return {"intent": "other"}
        return {"intent": decision.intent, "topic": decision.topic}

    def _route_by_intent(self, state: AgentState) -> str:
        """Return the name of the edge to take."""
        return state["intent"] or "other"

    async def _handle_faq_node(self, state: AgentState) -> dict[str, Any]:
        """Look the answer up."""
        try:
            entries = await self._faq.search(state["topic"] or "")
        except LookupFailed:
            return {"facts": LOOKUP_FAILED}
        return {"facts": _facts(f"{entry.question} {entry.answer}" for entry in entries)}

    async def _handle_sales_node(self, state: AgentState) -> dict[str, Any]:
        """Look products up, with price and stock."""
        try:
            products = await self._catalogue.search(state["topic"] or "")
        except LookupFailed:
            return {"facts": LOOKUP_FAILED}
        return {
            "facts": _facts(
                PRODUCT.format(name=p.name, description=p.description, price=p.price, stock=p.stock)
                for p in products
            )
        }

    async def _respond_node(self, state: AgentState) -> dict[str, Any]:
        """Answer from the system prompt, the recent messages, and what was found."""
        if handoff := state.get("handoff"):
            return {"messages": [handed_over(handoff)]}
        messages = [SystemMessage(SYSTEM_PROMPT), *state["messages"]]
        if state["facts"]:
            # Last, so that everything before it can be cached.
            messages.append(HumanMessage(state["facts"]))
        return {"messages": [await self.chat_model.ainvoke(messages)]}


def _facts(lines: Iterable[str]) -> str:
    return FACTS.format(facts="\n".join(f"- {line}" for line in lines) or NOTHING_FOUND)
