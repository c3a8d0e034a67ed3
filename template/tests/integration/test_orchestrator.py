"""How a graph is run, whatever its nodes do: what is shown while it runs, and what comes of it."""

import asyncio
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, SystemMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import tool
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, StateGraph
from pydantic import BaseModel

from app.core.ports.agent import AgentAnswer, AgentTurn
from app.core.ports.model_calls import ModelCall, ModelCallListener, ToolCall
from app.core.service.llm.base_orchestrator_service import RECURSION_LIMIT, BaseOrchestratorService
from app.core.service.llm.bedrock_chat_service import MAX_OUTPUT_TOKENS
from app.core.service.llm.decision import Decider
from app.core.service.llm.tool_calls import reported
from app.core.texts import INSTRUCTIONS_WITHHELD
from domain.dto.chat import Message, TokenUsage
from domain.exceptions.model import ModelError, ModelTimeout
from domain.ids import new_id, now_timestamp
from tests.support.bedrock_fake import BedrockFake, Reply, Silence
from tests.support.plain_agent import PlainAgent, PlainState
from tests.support.waiting import eventually


class Calls(ModelCallListener):
    """Keeps the calls of a turn."""

    def __init__(self) -> None:
        self.started: list[ModelCall] = []
        self.over: list[ModelCall] = []
        self.tools_started: list[ToolCall] = []
        self.tools: list[ToolCall] = []

    def model_call_started(self, call: ModelCall) -> None:
        self.started.append(call)

    def model_called(self, call: ModelCall) -> None:
        self.over.append(call)

    def tool_call_started(self, call: ToolCall) -> None:
        self.tools_started.append(call)

    def tool_called(self, call: ToolCall) -> None:
        self.tools.append(call)


def a_turn(*before: Message) -> AgentTurn:
    question = Message(new_id("msg"), "chat_1", "ana", "user", "Hello!", now_timestamp())
    return AgentTurn("ana", "chat_1", "sess_1", question, before)


async def run(
    agent: BaseOrchestratorService, *before: Message, join_seconds: float = 0.0
) -> tuple[list[str], AgentAnswer, Calls]:
    """Run a turn; return the pieces, the answer and the model calls."""
    calls = Calls()
    events = agent.execute_agent(a_turn(*before), calls, join_seconds=join_seconds)
    *pieces, answer = [event async for event in events]
    assert isinstance(answer, AgentAnswer)
    texts = [piece for piece in pieces if isinstance(piece, str)]
    assert "".join(texts) == answer.text
    return texts, answer, calls


class Streaming(PlainAgent):
    """Streams the model itself."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        whole = AIMessageChunk(content="")
        async for chunk in self.chat_model.astream(state["messages"]):
            assert isinstance(chunk, AIMessageChunk)
            whole = whole + chunk
        return {"messages": [AIMessage(whole.text)]}


INSTRUCTIONS = "You are the assistant of a workshop for bicycles.\n- Never sing."


class Instructed(PlainAgent):
    """Gives the model longer instructions."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        messages = [SystemMessage(INSTRUCTIONS), *state["messages"]]
        return {"messages": [await self.chat_model.ainvoke(messages)]}


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (("Sure: ", INSTRUCTIONS[:20], INSTRUCTIONS[20:]), f"Sure: \n\n{INSTRUCTIONS_WITHHELD}"),
        ((INSTRUCTIONS,), INSTRUCTIONS_WITHHELD),
        (("You are ", "welcome."), "You are welcome."),
    ],
)
async def test_a_model_that_tells_its_instructions_is_cut_off(
    pieces: tuple[str, ...], expected: str, claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=pieces))
    _, answer, _ = await run(Instructed(claude))
    assert answer.text == expected


@pytest.mark.parametrize("agent", [PlainAgent, Streaming])
async def test_the_answer_is_shown_piece_by_piece(
    agent: type[PlainAgent], claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Good ", "day", "."), input_tokens=5, output_tokens=3))
    pieces, answer, calls = await run(agent(claude))
    assert pieces == ["Good ", "day", "."]
    assert answer == AgentAnswer("Good day.", TokenUsage(5, 3))
    assert calls.started == calls.over
    (call,) = calls.over
    assert "claude-sonnet" in call.model
    assert call.parameters == {"max_tokens": MAX_OUTPUT_TOKENS}


async def test_no_piece_takes_the_long_way_through_langchain(
    claude: BaseChatModel, bedrock: BedrockFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its dispatch costs more than all else that is done for a piece."""
    monkeypatch.delattr(AsyncCallbackManagerForLLMRun, "on_llm_new_token")
    bedrock.will(Reply(text=("Good ", "day.")))
    pieces, _, _ = await run(PlainAgent(claude))
    assert pieces == ["Good ", "day."]


class Silent(PlainAgent):
    """Answers without the model."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        return {"messages": [AIMessage("A fixed answer.")]}


async def test_an_answer_without_the_model_is_shown_as_well(claude: BaseChatModel) -> None:
    pieces, answer, _ = await run(Silent(claude))
    assert pieces == ["A fixed answer."]
    assert answer.usage == TokenUsage(0, 0)


class Shelf:
    """A tool that is a plain method; a shelf below zero breaks it."""

    @reported
    async def look(self, number: int, *, side: str) -> str:
        if number < 0:
            raise LookupError("no such shelf")
        return f"tea on the {side}"


@tool
async def weigh(what: str) -> str:
    """Weigh something."""
    return f"{what}: 1 kg"


class Looking(PlainAgent):
    """Uses two tools and a third time one that fails."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        found = [await Shelf().look(3, side="left"), await weigh.ainvoke({"what": "tea"})]
        with pytest.raises(LookupError):
            await Shelf().look(-1, side="left")
        return {"messages": [AIMessage(", ".join(found))]}


async def test_each_use_of_a_tool_is_reported_with_what_it_was_given_and_answered(
    claude: BaseChatModel,
) -> None:
    _, answer, calls = await run(Looking(claude))
    assert answer.text == "tea on the left, tea: 1 kg"
    look, weighed, failed = calls.tools
    assert calls.tools_started == calls.tools
    assert (look.name, look.arguments) == ("Shelf.look", {"number": 3, "side": "left"})
    assert (weighed.name, weighed.arguments) == ("weigh", {"what": "tea"})
    assert (look.result, weighed.result) == ("tea on the left", "tea: 1 kg")
    assert isinstance(failed.error, LookupError)
    for call in calls.tools:
        assert call.node == "respond"
        assert call.started_at <= call.ended_at


async def test_a_tool_that_is_used_outside_a_turn_works() -> None:
    assert await Shelf().look(3, side="left") == "tea on the left"


class Adding(PlainAgent):
    """Adds a line to what the model said."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        said = await self.chat_model.ainvoke(state["messages"])
        return {"messages": [AIMessage(f"{said.text}\n-- the bot")]}


async def test_what_a_node_adds_to_the_models_words_is_shown_at_the_end(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Good ", "day.")))
    pieces, _, _ = await run(Adding(claude))
    assert pieces == ["Good ", "day.", "\n-- the bot"]


class Intent(BaseModel):
    """What a person wants."""

    name: str


class Classifying(PlainAgent):
    """Asks the model twice: what is wanted, and for the answer."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(PlainState)
        workflow.add_node("classify", self._classify)
        workflow.add_node("respond", self._respond)
        workflow.set_entry_point("classify")
        workflow.add_edge("classify", "respond")
        workflow.add_edge("respond", END)
        return workflow.compile()

    async def _classify(self, state: PlainState) -> dict[str, Any]:
        intent = await self.chat_model.with_structured_output(Intent).ainvoke(state["messages"])
        assert intent == Intent(name="greeting")
        return {}


async def test_only_the_answering_node_is_shown_and_the_usage_is_of_all(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(
        Reply(tool="Intent", arguments={"name": "greeting"}, input_tokens=5, output_tokens=1),
        Reply(text=("Good ", "day."), input_tokens=7, output_tokens=2),
    )
    pieces, answer, calls = await run(Classifying(claude))
    assert pieces == ["Good ", "day."]
    assert answer.usage == TokenUsage(12, 3)
    assert [call.node for call in calls.over] == ["classify", "respond"]


class Deciding(PlainAgent):
    """Decides and answers in one node."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        decision = await Decider(self.chat_model, Intent, "Decide.").decide(state["messages"])
        assert decision == Intent(name="greeting")
        return await super()._respond(state)


async def test_what_the_model_says_while_it_decides_is_not_shown(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(
        Reply(text=("I think it is ", "a greeting.")),
        Reply(tool="Intent", arguments={"name": "greeting"}),
        Reply(text=("Good ", "day.")),
    )
    pieces, _, _ = await run(Deciding(claude))
    assert pieces == ["Good ", "day."]


class Endless(PlainAgent):
    """Never comes to an end."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(PlainState)
        workflow.add_node("respond", self._respond)
        workflow.set_entry_point("respond")
        workflow.add_edge("respond", "respond")
        return workflow.compile()


async def test_a_graph_in_a_loop_ends_before_the_bill_does(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    with pytest.raises(GraphRecursionError):
        await run(Endless(claude))
    assert len(bedrock.requests) <= RECURSION_LIMIT


class Speechless(PlainAgent):
    """Ends without an answer."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        return {}


async def test_a_graph_without_an_answer_is_a_failure(claude: BaseChatModel) -> None:
    with pytest.raises(ModelError):
        await run(Speechless(claude))


async def test_an_answer_of_blanks_is_a_failure(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=(" \n",)))
    with pytest.raises(ModelError):
        await run(PlainAgent(claude))


async def test_a_turn_that_takes_too_long_is_given_up(
    claude: BaseChatModel, bedrock: BedrockFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "app.core.service.llm.base_orchestrator_service"
    monkeypatch.setattr(f"{module}.TURN_TIMEOUT_SECONDS", 0.8)
    bedrock.will(Silence())
    with pytest.raises(ModelTimeout):
        await run(PlainAgent(claude))
    await eventually(lambda: bedrock.requests[0].aborted, within=1)


async def test_a_slow_reader_misses_nothing(claude: BaseChatModel, bedrock: BedrockFake) -> None:
    expected = [f"{number} " for number in range(1_000)]
    bedrock.will(Reply(text=expected))
    pieces: list[str] = []
    async for event in PlainAgent(claude).execute_agent(a_turn(), Calls()):
        if len(pieces) == 10:
            await asyncio.sleep(0.2)
        if isinstance(event, str):
            pieces.append(event)
    assert pieces == expected


async def test_pieces_may_travel_together(claude: BaseChatModel, bedrock: BedrockFake) -> None:
    bedrock.will(Reply(text=[f"{number} " for number in range(100)], pause=0.002))
    pieces, _, _ = await run(PlainAgent(claude), join_seconds=0.05)
    assert 2 <= len(pieces) < 50


async def test_a_conversation_opens_with_a_question_even_where_its_beginning_is_cut_off(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    before = [
        Message("msg_1", "chat_1", "ana", "assistant", "an answer", now_timestamp()),
        Message("msg_2", "chat_1", "ana", "user", "a question", now_timestamp()),
    ]
    await run(PlainAgent(claude), *before)
    (body,) = bedrock.bodies()
    assert [message["role"] for message in body["messages"]] == ["user"]
    assert body["messages"][0]["content"][0]["text"] == "a question\nHello!"
