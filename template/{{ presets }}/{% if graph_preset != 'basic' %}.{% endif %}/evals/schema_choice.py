"""A choice that the model makes by filling in a schema, as the graph has it do."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableLambda

from app.core.ports.model_calls import ModelCallListener
from app.core.service.llm.base_decision import BaseDecision
from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.decision import Decider
from app.core.service.llm.instruction_guard import InstructionGuard
from app.core.service.llm.model_call_handler import ModelCallHandler
from evals.cases import Utterance
from evals.choices import Choice, Decided

Schema = TypeVar("Schema", bound=BaseDecision)


def schema_choice(
    schema: type[Schema],
    prompt: str,
    *,
    routes: Sequence[str],
    slots: Sequence[str],
    route_of: Callable[[Schema | None], str],
) -> Choice:
    """Return the choice.

    Args:
        slots: the schema's fields that are scored.
        route_of: the graph's way after the decision, or after none that is valid.
    """

    async def decide(
        agent: BaseOrchestratorService, utterance: Utterance, listener: ModelCallListener
    ) -> Decided:
        decider = Decider(agent.chat_model, schema, prompt)
        handler = ModelCallHandler(frozenset(), asyncio.Queue(), InstructionGuard(), listener)
        # A runnable hands its callbacks down to every call within it.
        decision = await RunnableLambda(decider.decide).ainvoke(
            list(_messages(utterance)), {"callbacks": [handler]}
        )
        return Decided(route_of(decision), {name: getattr(decision, name, None) for name in slots})

    return Choice(tuple(routes), tuple(slots), decide)


def _messages(utterance: Utterance) -> Iterator[BaseMessage]:
    for number, text in enumerate((*utterance.before, utterance.says)):
        yield AIMessage(text) if number % 2 else HumanMessage(text)
