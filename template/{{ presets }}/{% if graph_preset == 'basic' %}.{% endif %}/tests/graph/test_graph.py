"""The conversation's graph: its shape, what it asks of the model, and the offline model's part."""

from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable
from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, StateGraph

from app.core.ports.agent import AgentAnswer
from app.core.service.llm.graph.offline_script import OFFLINE_SCRIPT, offline_reply
from app.core.service.llm.graph.orchestrator_agent_service import OrchestratorAgentService
from app.core.service.llm.graph.prompts import SYSTEM_PROMPT
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.offline_chat_service import OfflineChatService
from app.core.texts import HANDED_OVER
from domain.dto.chat import TokenUsage
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.conversation import Conversation
from tests.support.graph_diagram import compiled_edges, drawn_edges


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


def said(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return who said what in a request to the model."""
    return [
        (message["role"], "".join(block.get("text", "") for block in message["content"]))
        for message in body["messages"]
    ]


def test_the_graph_is_the_diagram(claude: BaseChatModel) -> None:
    assert compiled_edges(OrchestratorAgentService(claude)) == drawn_edges()


async def test_a_turn_calls_the_model_once_and_tells_what_it_used(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Good ", "morning"), input_tokens=30, output_tokens=2))
    conversation = Conversation(lambda: OrchestratorAgentService(claude))
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
    conversation = Conversation(lambda: OrchestratorAgentService(claude))
    await conversation.say("first?")
    await conversation.say("second?")
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
    agent = WithMemory(claude)
    conversation = Conversation(lambda: agent)
    answers = [await conversation.say(q) for q in ("first?", "second?", "third?")]
    assert answers == ["one", "two", "three"]
    assert said(bedrock.bodies()[-1]) == [
        ("user", "first?"),
        ("assistant", "one"),
        ("user", "second?"),
        ("assistant", "two"),
        ("user", "third?"),
    ]


@pytest.mark.parametrize("said", ["", "Of course."])
async def test_the_model_hands_over_by_calling_the_tool(
    said: str, claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    arguments = {"summary": "A refund"}
    bedrock.will(Reply(tool="RequestHuman", said_before_tool=said, arguments=arguments))
    conversation = Conversation(lambda: OrchestratorAgentService(claude))
    answer = await conversation.ask("A person, please")
    assert answer.handoff is not None
    assert answer.handoff.summary == "A refund"
    told = HANDED_OVER["asked_for_human"].format(ticket=answer.handoff.ticket_id)
    assert answer.text == (f"{said}\n\n{told}" if said else told)
    assert "".join(conversation.pieces) == answer.text


async def test_the_offline_model_hands_over_too() -> None:
    model = OfflineChatService(OFFLINE_SCRIPT, pause_seconds=0).chat_model()
    conversation = Conversation(lambda: OrchestratorAgentService(model))
    assert (await conversation.ask("A human, um atendente")).handoff is not None
    assert (await conversation.ask("Hello")).handoff is None


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
