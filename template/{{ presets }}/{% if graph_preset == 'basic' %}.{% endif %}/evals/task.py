"""What this graph decides about a message, and what of it is scored."""

from app.core.ports.model_calls import ModelCallListener
from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from evals.cases import Utterance
from evals.choices import Choice, Decided
from evals.talk import Talk


async def _hand_over_or_not(
    agent: BaseOrchestratorService, utterance: Utterance, listener: ModelCallListener
) -> Decided:
    """Return whether the turn hands over to a person; this graph decides nothing else."""
    answer = await Talk(agent, listener, utterance.before).say(utterance.says)
    return Decided("human" if answer.handoff else "answer", {})


CHOICES = {"turn": Choice(("answer", "human"), (), _hand_over_or_not)}
