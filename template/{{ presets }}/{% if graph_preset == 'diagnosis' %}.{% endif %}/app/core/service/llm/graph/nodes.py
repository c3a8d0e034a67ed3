"""The steps of the conversation: each takes the state and returns what it changes."""

from typing import Any, ClassVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.types import interrupt

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.decision import Decider
from app.core.service.llm.graph.decisions import CaseDecision
from app.core.service.llm.graph.prompts import (
    CASE,
    CASE_PROMPT,
    CAUSE,
    FIRST_QUESTION,
    LOOKUP_FAILED,
    NOTHING_FOUND,
    REPORT_PROMPT,
    UNKNOWN,
)
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.graph.tools import KnowledgeBase, LookupFailed, SampleKnowledgeBase
from app.core.service.llm.handoff import handed_over, request_human

# Below it one more question is asked.
MIN_CONFIDENCE = 0.6
# After so many the case is analysed with what is known.
MAX_QUESTIONS = 8


class AgentNodes(BaseOrchestratorService):
    """The nodes of the graph; `self.chat_model` is the language model."""

    answer_nodes: ClassVar[frozenset[str]] = frozenset({"generate_report"})

    def __init__(
        self, chat_model: BaseChatModel, knowledge_base: KnowledgeBase | None = None
    ) -> None:
        self._case = Decider(chat_model, CaseDecision, CASE_PROMPT)
        self._knowledge_base = knowledge_base or SampleKnowledgeBase()
        super().__init__(chat_model)

    async def _collect_info_node(self, state: AgentState) -> dict[str, Any]:
        """Read what is known of the problem by now; later words correct earlier ones."""
        asked = state.get("questions_asked") or 0
        decision = await self._case.decide(state["messages"])
        if decision is None:
            return {"is_complete": False, "question": FIRST_QUESTION, "questions_asked": asked}
        if decision.asks_for_human:
            known = (decision.device, decision.problem, *decision.symptoms)
            return {"handoff": request_human("; ".join(word for word in known if word))}
        return {
            "device": decision.device or state.get("device"),
            "problem": decision.problem or state.get("problem"),
            "symptoms": decision.symptoms or state.get("symptoms") or [],
            "tried": decision.tried or state.get("tried") or [],
            "is_complete": decision.is_complete and decision.confidence >= MIN_CONFIDENCE,
            "question": decision.next_question or FIRST_QUESTION,
            "questions_asked": asked,
        }

    def _route_by_info(self, state: AgentState) -> str:
        """Return the name of the edge to take."""
        if (
            state.get("handoff")
            or state["is_complete"]
            or state["questions_asked"] >= MAX_QUESTIONS
        ):
            return "info_complete"
        return "needs_more_info"

    async def _ask_question_node(self, state: AgentState) -> dict[str, Any]:
        """Ask, and wait: the turn ends here, and the user's next message goes on from here."""
        interrupt(state["question"])
        return {"questions_asked": state["questions_asked"] + 1}

    async def _analyze_node(self, state: AgentState) -> dict[str, Any]:
        """Look for causes that fit what is known."""
        if state.get("handoff"):
            return {}
        case = [state.get("problem") or "", *(state.get("symptoms") or ())]
        try:
            causes = await self._knowledge_base.causes(" ".join(case))
        except LookupFailed:
            return {"findings": LOOKUP_FAILED}
        lines = (CAUSE.format(name=c.name, test=c.test, fix=c.fix) for c in causes)
        return {"findings": "\n".join(lines) or NOTHING_FOUND}

    async def _generate_report_node(self, state: AgentState) -> dict[str, Any]:
        """Tell what is likely and what to do, from what is known and what was found."""
        if handoff := state.get("handoff"):
            return {"messages": [handed_over(handoff)]}
        case = CASE.format(
            device=state.get("device") or UNKNOWN,
            problem=state.get("problem") or UNKNOWN,
            symptoms="; ".join(state.get("symptoms") or ()) or UNKNOWN,
            tried="; ".join(state.get("tried") or ()) or UNKNOWN,
            findings=state["findings"],
        )
        # Last, so that everything before it can be cached.
        messages = [SystemMessage(REPORT_PROMPT), *state["messages"], HumanMessage(case)]
        return {"messages": [await self.chat_model.ainvoke(messages)]}
