"""The conversation's graph: its shape, what it asks of the model, and the offline model's part."""

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable
from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, StateGraph

from app.core.service.llm.base_orchestrator_service import AgentAnswer, AgentTurn
from app.core.service.llm.graph.offline_script import offline_reply
from app.core.service.llm.graph.orchestrator_agent_service import OrchestratorAgentService
from app.core.service.llm.graph.prompts import SYSTEM_PROMPT
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.model_call_handler import ModelCall
from domain.dto.chat import Message, Role, TokenUsage
from domain.ids import new_id, now_timestamp
from tests.support.bedrock_fake import BedrockFake, Reply

DIAGRAM = {("__start__", "process_message"), ("process_message", "respond"), ("respond", "__end__")}


class WithMemory(OrchestratorAgentService):
    """The same graph with a checkpointer, as an owner may compile it."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(AgentState)
        workflow.add_node("process_message", self._process_message_node)
        workflow.add_node("respond", self._respond_node)
        workflow.set_entry_point("process_message")
        workflow.add_edge("process_message", "respond")
        workflow.add_edge("respond", END)
        return workflow.compile(checkpointer=MemorySaver())


def a_message(role: Role, content: str) -> Message:
    return Message(new_id("msg"), "chat_1", "ana", role, content, now_timestamp())


class Conversation:
    """Turns of one chat, each with the messages before it."""

    def __init__(self, orchestrator: OrchestratorAgentService) -> None:
        self._orchestrator = orchestrator
        self._history: list[Message] = []
        self.calls: list[ModelCall] = []
        self.pieces: list[str] = []

    def model_call_started(self, call: ModelCall) -> None:
        assert call.ended_at == 0

    def model_called(self, call: ModelCall) -> None:
        self.calls.append(call)

    async def ask(self, question: str) -> AgentAnswer:
        """Run a turn; returns the whole answer."""
        asked = a_message("user", question)
        turn = AgentTurn("ana", "chat_1", "sess_1", asked, tuple(self._history))
        answer: AgentAnswer | None = None
        self.pieces = []
        async for piece in self._orchestrator.execute_agent(turn, self):
            if isinstance(piece, str):
                self.pieces.append(piece)
            else:
                answer = piece
        assert answer is not None
        self._history += [asked, a_message("assistant", answer.text)]
        return answer


def said(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return who said what in a request to the model."""
    return [
        (message["role"], "".join(block.get("text", "") for block in message["content"]))
        for message in body["messages"]
    ]


def test_the_graph_is_the_diagram(claude: BaseChatModel) -> None:
    graph = OrchestratorAgentService(claude).graph.get_graph()
    assert {(edge.source, edge.target) for edge in graph.edges} == DIAGRAM


async def test_a_turn_calls_the_model_once_and_tells_what_it_used(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Good ", "morning"), input_tokens=30, output_tokens=2))
    conversation = Conversation(OrchestratorAgentService(claude))
    answer = await conversation.ask("Hello")
    assert answer == AgentAnswer("Good morning", TokenUsage(30, 2))
    assert conversation.pieces == ["Good ", "morning"]
    assert len(bedrock.requests) == 1
    (call,) = conversation.calls
    assert (call.node, call.output, call.usage) == ("respond", "Good morning", TokenUsage(30, 2))
    assert call.first_token_at is not None
    assert call.started_at <= call.first_token_at <= call.ended_at


async def test_the_model_is_given_the_prompt_and_what_was_said_before(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("one",)), Reply(text=("two",)))
    conversation = Conversation(OrchestratorAgentService(claude))
    await conversation.ask("first?")
    await conversation.ask("second?")
    first, second = bedrock.bodies()
    assert said(first) == [("user", "first?")]
    assert said(second) == [("user", "first?"), ("assistant", "one"), ("user", "second?")]
    for body in (first, second):
        prompt, cache_point = body["system"]
        assert prompt == {"text": SYSTEM_PROMPT}
        assert cache_point == {"cachePoint": {"type": "default"}}


async def test_with_a_checkpointer_nothing_is_said_twice(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("one",)), Reply(text=("two",)), Reply(text=("three",)))
    conversation = Conversation(WithMemory(claude))
    answers = [(await conversation.ask(q)).text for q in ("first?", "second?", "third?")]
    assert answers == ["one", "two", "three"]
    assert said(bedrock.bodies()[-1]) == [
        ("user", "first?"),
        ("assistant", "one"),
        ("user", "second?"),
        ("assistant", "two"),
        ("user", "third?"),
    ]


def offline(*questions: str) -> str:
    """Return the offline model's answer to the last of these questions."""
    messages: list[BaseMessage] = [SystemMessage(SYSTEM_PROMPT)]
    for question in questions:
        messages += [HumanMessage(question), AIMessage("an answer")]
    return offline_reply(messages[:-1])


def test_the_offline_model_answers_the_same_to_the_same() -> None:
    assert offline("Hello") == offline("Hello")
    assert "> Hello" in offline("Hello")
    assert "LLM_PROVIDER=bedrock" in offline("Hello")


def test_the_offline_model_shows_that_it_remembers() -> None:
    answer = offline("my first question", "my second question", "my third question")
    assert "3" in answer
    assert "> my third question" in answer
    assert "my second question" in answer
    assert "my first question" not in answer


def test_the_offline_model_quotes_a_long_question_in_part() -> None:
    assert len(offline("word " * 10_000)) < 2_000
