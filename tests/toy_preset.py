"""A sixth preset, as somebody who has read CONTRIBUTING.md would add it."""

from pathlib import Path

OVERLAY = "template/{{ presets }}/{% if graph_preset == 'toy' %}.{% endif %}"
CHOICE = '    "toy: finds a toy that fits": toy\n'

_GRAPH = "app/core/service/llm/graph"

_FILES = {
    f"{_GRAPH}/__init__.py": "",
    f"{_GRAPH}/state.py": '''"""What the conversation knows while the graph runs."""

from app.core.service.llm.turn_state import TurnState


class ToyState(TurnState):
    """The toy that fits."""

    toy: str | None


class AgentState(ToyState):
    """The state of your graph: add your own fields below."""
''',
    f"{_GRAPH}/decisions.py": '''"""What the model decides, as typed values."""

from pydantic import Field

from app.core.service.llm.base_decision import BaseDecision


class WishDecision(BaseDecision):
    """What kind of toy is wanted."""

    wish: str = Field(max_length=100, description="The toy wanted, in a few words; empty if none")
''',
    f"{_GRAPH}/nodes.py": '''"""The steps of the conversation."""

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.decision import Decider
from app.core.service.llm.graph.decisions import WishDecision
from app.core.service.llm.graph.prompts import NO_TOY, SYSTEM_PROMPT, TOYS, WISH_PROMPT
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.handoff import handed_over, request_human
from app.core.service.llm.sample_search import SampleSearch


class AgentNodes(BaseOrchestratorService):
    """The nodes of the graph."""

    def __init__(self, chat_model: BaseChatModel) -> None:
        self._wishes = Decider(chat_model, WishDecision, WISH_PROMPT)
        self._toys = SampleSearch(TOYS, str)
        super().__init__(chat_model)

    async def _find_toy_node(self, state: AgentState) -> dict[str, Any]:
        """Look for the toy that fits the wish best."""
        decision = await self._wishes.decide(state["messages"])
        if decision is not None and decision.asks_for_human:
            return {"handoff": request_human(decision.wish)}
        found = self._toys.best(decision.wish, 1) if decision else []
        return {"toy": found[0] if found else None}

    async def _respond_node(self, state: AgentState) -> dict[str, Any]:
        """Suggest the toy, or tell that a person takes over."""
        if handoff := state["handoff"]:
            return {"messages": [handed_over(handoff)]}
        toy = HumanMessage(state["toy"] or NO_TOY)
        messages = [SystemMessage(SYSTEM_PROMPT), *state["messages"], toy]
        return {"messages": [await self.chat_model.ainvoke(messages)]}
''',
    f"{_GRAPH}/orchestrator_agent_service.py": '''"""The conversation as a graph."""

from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import END, StateGraph

from app.core.service.llm.graph.nodes import AgentNodes
from app.core.service.llm.graph.state import AgentState


class OrchestratorAgentService(AgentNodes):
    """find_toy -> respond."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(AgentState)

        workflow.add_node("find_toy", self._find_toy_node)
        workflow.add_node("respond", self._respond_node)

        workflow.set_entry_point("find_toy")
        workflow.add_edge("find_toy", "respond")
        workflow.add_edge("respond", END)

        return workflow.compile()
''',
    f"{_GRAPH}/offline_script.py": '''"""What the offline model says."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from app.core.service.llm.offline_chat_service import OfflineScript


def decide_wish(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of WishDecision for the last message."""
    return {"wish": messages[-1].text[:100]}


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return what was found."""
    return f"→ {messages[-1].text}"


OFFLINE_SCRIPT = OfflineScript(reply, {"WishDecision": decide_wish})
''',
    "evals/task.py": '''"""What this graph decides about a message, and what of it is scored."""

from app.core.service.llm.graph.decisions import WishDecision
from app.core.service.llm.graph.prompts import WISH_PROMPT
from evals.schema_choice import schema_choice


def _route_of(decision: WishDecision | None) -> str:
    return "human" if decision is not None and decision.asks_for_human else "suggest"


CHOICES = {
    "wish": schema_choice(
        WishDecision, WISH_PROMPT, routes=["suggest", "human"], slots=["wish"], route_of=_route_of
    )
}
''',
    "tests/graph/__init__.py": "",
    "tests/graph/test_graph.py": '''"""The conversation's graph: its shape, and its answers with the offline model."""

import pytest

from app.core.service.llm.graph.offline_script import OFFLINE_SCRIPT
from app.core.service.llm.graph.orchestrator_agent_service import OrchestratorAgentService
from app.core.service.llm.graph.prompts import NO_TOY, TOYS
from app.core.service.llm.offline_chat_service import OfflineChatService
from tests.support.conversation import Conversation
from tests.support.graph_diagram import compiled_edges, drawn_edges


@pytest.fixture
def agent() -> OrchestratorAgentService:
    """The graph with the offline model."""
    model = OfflineChatService(OFFLINE_SCRIPT, pause_seconds=0).chat_model()
    return OrchestratorAgentService(model)


def test_the_graph_is_the_diagram(agent: OrchestratorAgentService) -> None:
    assert compiled_edges(agent) == drawn_edges()


@pytest.mark.parametrize("toy", TOYS)
async def test_every_toy_is_found_by_its_name(toy: str, agent: OrchestratorAgentService) -> None:
    assert await Conversation(lambda: agent).say(toy) == f"→ {toy}"


async def test_a_toy_that_is_not_there_is_not_invented(agent: OrchestratorAgentService) -> None:
    assert await Conversation(lambda: agent).say("xyzzy") == f"→ {NO_TOY}"


async def test_who_asks_for_a_person_gets_one(agent: OrchestratorAgentService) -> None:
    answer = await Conversation(lambda: agent).ask("a human, um atendente")
    assert answer.handoff is not None
''',
}

_DIAGRAM = """
```mermaid
stateDiagram-v2
    [*] --> find_toy
    find_toy --> respond
    respond --> [*]
```
"""

_FILES_BY_LANGUAGE = {
    "pt-BR": {
        f"{_GRAPH}/prompts.py": '''"""The prompts."""

WISH_PROMPT = "Leia qual brinquedo a pessoa quer."
SYSTEM_PROMPT = "Sugira o brinquedo encontrado, em uma frase."
TOYS = ("bola de borracha", "quebra-cabeça de madeira")
NO_TOY = "nenhum brinquedo"
''',
        "docs/graph.md": f"# O grafo da conversa\n{_DIAGRAM}",
        "evals/data/utterances.jsonl": """\
{"says": "quero uma bola", "route": "suggest", "slots": {"wish": "bola"}}
{"says": "quero falar com um atendente", "route": "human"}
""",
        "evals/data/conversations.jsonl": """\
{"name": "uma bola", "turns": [{"says": "tem bola?", "one_of": ["bola"]}]}
""",
    },
    "en": {
        f"{_GRAPH}/prompts.py": '''"""The prompts."""

WISH_PROMPT = "Read which toy the person wants."
SYSTEM_PROMPT = "Suggest the toy that was found, in one sentence."
TOYS = ("rubber ball", "wooden puzzle")
NO_TOY = "no toy"
''',
        "docs/graph.md": f"# The conversation's graph\n{_DIAGRAM}",
        "evals/data/utterances.jsonl": """\
{"says": "I want a ball", "route": "suggest", "slots": {"wish": "ball"}}
{"says": "I want to talk to a person", "route": "human"}
""",
        "evals/data/conversations.jsonl": """\
{"name": "a ball", "turns": [{"says": "do you have a ball?", "one_of": ["ball"]}]}
""",
    },
}


def files_of_toy() -> set[str]:
    """Return the names of its files in a bot."""
    return set(_FILES).union(*_FILES_BY_LANGUAGE.values())


def add_toy_preset(template: Path) -> None:
    """Add the preset to a copy of the template: a folder, and a line of copier.yml."""
    overlay = template / OVERLAY
    _write(overlay, _FILES)
    for language, files in _FILES_BY_LANGUAGE.items():
        _write(overlay / f"{{% if language == '{language}' %}}.{{% endif %}}", files)
    questionnaire = template / "copier.yml"
    text = questionnaire.read_text("utf-8")
    head, question, tail = text.partition("\ngraph_preset:\n")
    choices, end, rest = tail.partition("  default: ")
    questionnaire.write_text(head + question + choices + CHOICE + end + rest, "utf-8")


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8", newline="\n")
