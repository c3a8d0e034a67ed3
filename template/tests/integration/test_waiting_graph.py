"""A graph that waits for the user: its turn ends, and the next message goes on where it stopped."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any

import pytest
from dependency_injector import providers
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest
from domain.dto.events import EndEvent, ErrorEvent
from domain.ids import now_timestamp, shift_timestamp
from tests.support.bedrock_fake import BedrockFake, Failure, Reply
from tests.support.logs import LogLines
from tests.support.plain_agent import PlainState
from tests.support.tables import Tables


class Order(PlainState):
    """What was ordered so far."""

    wishes: list[str]
    question: str


class Waiter(BaseOrchestratorService):
    """Asks for two more wishes, in the model's words, and brings all three."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(Order)
        workflow.add_node("take_wish", self._take_wish)
        workflow.add_node("ask", self._ask)
        workflow.add_node("respond", self._respond)
        workflow.set_entry_point("take_wish")
        workflow.add_conditional_edges(
            "take_wish",
            lambda state: "respond" if len(state["wishes"]) == 3 else "ask",
            {"ask": "ask", "respond": "respond"},
        )
        workflow.add_edge("ask", "take_wish")
        workflow.add_edge("respond", END)
        return workflow.compile(checkpointer=self.checkpoints)

    async def _take_wish(self, state: Order) -> dict[str, Any]:
        wishes = [*(state.get("wishes") or ()), state["messages"][-1].text]
        if len(wishes) == 3:
            return {"wishes": wishes}
        said = await self.chat_model.ainvoke(state["messages"])
        return {"wishes": wishes, "question": said.text}

    async def _ask(self, state: Order) -> dict[str, Any]:
        interrupt(state["question"])
        return {}

    async def _respond(self, state: Order) -> dict[str, Any]:
        return {"messages": [AIMessage(", ".join(state["wishes"]))]}


class Other(Waiter):
    """The graph after its owner has given it other nodes."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(Order)
        workflow.add_node("respond", self._greet)
        workflow.set_entry_point("respond")
        workflow.add_edge("respond", END)
        return workflow.compile(checkpointer=self.checkpoints)

    async def _greet(self, state: Order) -> dict[str, Any]:
        return {"messages": [AIMessage("Hello again.")]}


class Forgetful(Waiter):
    """The graph of an owner who has it wait in the memory of one process."""

    def _build_graph(self) -> Runnable[Any, Any]:
        waiter: Any = super()._build_graph()
        forgetful: Runnable[Any, Any] = waiter.builder.compile(checkpointer=InMemorySaver())
        return forgetful


class Side(PlainState):
    """What two nodes found out at the same time, and what a third one does with it."""

    price: str
    stock: str
    size: str


class SideBySide(BaseOrchestratorService):
    """Looks something up while it asks for something else."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(Side)
        workflow.add_node("look_up", self._look_up)
        workflow.add_node("ask", self._ask)
        workflow.add_node("respond", self._respond)
        workflow.add_edge(START, "look_up")
        workflow.add_edge(START, "ask")
        workflow.add_edge(["look_up", "ask"], "respond")
        return workflow.compile(checkpointer=self.checkpoints)

    async def _look_up(self, state: Side) -> dict[str, Any]:
        return {"price": "10", "stock": "3"}

    async def _ask(self, state: Side) -> dict[str, Any]:
        return {"size": interrupt("Which size?")}

    async def _respond(self, state: Side) -> dict[str, Any]:
        return {"messages": [AIMessage(f"{state['size']}, {state['price']}, {state['stock']}")]}


class Form(BaseOrchestratorService):
    """Has a subgraph ask two questions, one after the other; `keeps_state` as LangGraph means it."""

    keeps_state: bool | None = None

    def _build_graph(self) -> Runnable[Any, Any]:
        questions = StateGraph(Side)
        questions.add_node("ask_size", self._ask_size)
        questions.add_node("ask_price", self._ask_price)
        questions.add_edge(START, "ask_size")
        questions.add_edge("ask_size", "ask_price")
        workflow = StateGraph(Side)
        workflow.add_node("form", questions.compile(checkpointer=self.keeps_state))
        workflow.add_node("respond", self._respond)
        workflow.add_edge(START, "form")
        workflow.add_edge("form", "respond")
        return workflow.compile(checkpointer=self.checkpoints)

    async def _ask_size(self, state: Side) -> dict[str, Any]:
        return {"size": interrupt("Which size?")}

    async def _ask_price(self, state: Side) -> dict[str, Any]:
        return {"price": interrupt(f"At most, for {state['messages'][0].text}?")}

    async def _respond(self, state: Side) -> dict[str, Any]:
        return {"messages": [AIMessage(f"{state['size']} for {state['price']}")]}


class FormThatKeepsItsState(Form):
    """The same with a subgraph that is to go on where it was in the next run as well."""

    keeps_state = True


class Spread(PlainState):
    """Wishes that are kept as the changes of each step."""

    wishes: Annotated[list[str], DeltaChannel(lambda wishes, changes: sum(changes, wishes or []))]


class Beta(Waiter):
    """The graph of an owner whose state has a channel that is spread over many checkpoints."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(Spread)
        workflow.add_node("ask", lambda state: {"wishes": [interrupt("What?")]})
        workflow.set_entry_point("ask")
        return workflow.compile(checkpointer=self.checkpoints)


class Process:
    """One process of the bot, as far as a turn goes through it."""

    def __init__(self, container: ApplicationContainer) -> None:
        self._service = container.services.chat_service()

    async def ask(self, question: str, chat_id: str | None = None) -> tuple[str, str]:
        """Return the answer, or the code of the error, and the chat's id."""
        async for event in self._service.run(ChatRequest("ana", question, chat_id)):
            match event:
                case EndEvent():
                    return event.full_text, event.chat_id
                case ErrorEvent():
                    return event.code, chat_id or ""
        raise AssertionError("the turn had no end")


@pytest.fixture
def settings(dynamodb_endpoint: str, table: str, bedrock: BedrockFake) -> OwnerSettings:
    return OwnerSettings(
        aws_endpoint_url_dynamodb=dynamodb_endpoint,
        aws_endpoint_url_bedrock_runtime=bedrock.url,
        ddb_table=table,
    )


@asynccontextmanager
async def process(
    settings: OwnerSettings, agent: type[BaseOrchestratorService] = Waiter
) -> AsyncIterator[Process]:
    container = ApplicationContainer(settings=settings)
    services = container.services
    services.orchestrator.override(
        providers.Singleton(agent, services.language_model_service.provided.chat_model.call())
    )
    async with running(container):
        yield Process(container)


async def test_each_message_goes_on_where_the_graph_waits_in_whatever_process(
    settings: OwnerSettings, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("And ", "to drink?")), Reply(text=("Anything else?",)))
    answers = []
    chat_id = None
    for wish in ("soup", "water", "no"):
        async with process(settings) as one_of_many:
            answer, chat_id = await one_of_many.ask(wish, chat_id)
            answers.append(answer)
    assert answers == ["And to drink?", "Anything else?", "soup, water, no"]
    # The node that waits runs again from its top; what was asked of the model is not asked again.
    assert len(bedrock.requests) == 2


async def test_what_a_node_found_out_beside_the_one_that_waits_is_still_known(
    settings: OwnerSettings,
) -> None:
    async with process(settings, SideBySide) as bot:
        question, chat_id = await bot.ask("shoes")
    async with process(settings, SideBySide) as bot:
        assert question == "Which size?"
        assert (await bot.ask("42", chat_id))[0] == "42, 10, 3"


@pytest.mark.parametrize("agent", [Form, FormThatKeepsItsState])
async def test_a_subgraph_goes_on_where_it_waits(
    settings: OwnerSettings, agent: type[BaseOrchestratorService]
) -> None:
    answers = []
    chat_id = None
    for message in ("shoes", "42", "100"):
        async with process(settings, agent) as one_of_many:
            answer, chat_id = await one_of_many.ask(message, chat_id)
            answers.append(answer)
    assert answers == ["Which size?", "At most, for shoes?", "42 for 100"]


async def test_after_its_end_the_graph_begins_anew(
    settings: OwnerSettings, bedrock: BedrockFake
) -> None:
    bedrock.will(*(Reply(text=(f"question {n}",)) for n in range(3)))
    async with process(settings) as bot:
        _, chat_id = await bot.ask("soup")
        await bot.ask("water", chat_id)
        await bot.ask("no", chat_id)
        assert await bot.ask("cake", chat_id) == ("question 2", chat_id)


async def test_a_turn_that_fails_leaves_the_graph_where_it_waited(
    settings: OwnerSettings, bedrock: BedrockFake
) -> None:
    refused = Failure("AccessDeniedException", 403)
    bedrock.will(Reply(text=("And to drink?",)), refused, Reply(text=("Anything else?",)))
    async with process(settings) as bot:
        _, chat_id = await bot.ask("soup")
        assert (await bot.ask("water", chat_id))[0] == "model_refused"
        assert (await bot.ask("wine", chat_id))[0] == "Anything else?"
        assert (await bot.ask("no", chat_id))[0] == "soup, wine, no"


async def test_after_a_day_the_graph_begins_anew(
    settings: OwnerSettings, bedrock: BedrockFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock.will(Reply(text=("And to drink?",)), Reply(text=("Good morning!",)))
    tomorrow = shift_timestamp(now_timestamp(), timedelta(hours=25))
    async with process(settings) as bot:
        _, chat_id = await bot.ask("soup")
        monkeypatch.setattr("app.core.service.chat.chat_service.now_timestamp", lambda: tomorrow)
        assert (await bot.ask("water", chat_id))[0] == "Good morning!"


async def test_what_was_asked_a_day_ago_does_not_come_back_later(
    settings: OwnerSettings, bedrock: BedrockFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock.will(*(Reply(text=(f"question {n}",)) for n in range(3)))
    tomorrow = shift_timestamp(now_timestamp(), timedelta(hours=25))
    async with process(settings) as bot:
        _, chat_id = await bot.ask("soup")
    monkeypatch.setattr("app.core.service.chat.chat_service.now_timestamp", lambda: tomorrow)
    monkeypatch.setattr("domain.ids.now_timestamp", lambda: tomorrow)
    async with process(settings, Other) as bot:
        assert (await bot.ask("hello", chat_id))[0] == "Hello again."
    async with process(settings) as bot:
        answers = [(await bot.ask(wish, chat_id))[0] for wish in ("cake", "tea", "no")]
    assert answers == ["question 1", "question 2", "cake, tea, no"]


async def test_a_graph_that_waits_elsewhere_is_a_mistake_that_is_named(
    settings: OwnerSettings, bedrock: BedrockFake, logs: LogLines
) -> None:
    bedrock.will(Reply(text=("And to drink?",)))
    async with process(settings, Forgetful) as bot:
        assert (await bot.ask("soup"))[0] == "internal_error"
    assert "checkpointer=self.checkpoints" in logs.text()


async def test_a_state_that_is_spread_over_checkpoints_is_a_mistake_that_is_named(
    settings: OwnerSettings, logs: LogLines
) -> None:
    async with process(settings, Beta) as bot:
        assert (await bot.ask("soup"))[0] == "internal_error"
    assert "no DeltaChannel in its state: wishes" in logs.text()


async def test_a_checkpoint_of_another_graph_is_dropped(
    settings: OwnerSettings, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("And to drink?",)))
    async with process(settings) as bot:
        _, chat_id = await bot.ask("soup")
    async with process(settings, Other) as bot:
        assert (await bot.ask("water", chat_id))[0] == "Hello again."


async def test_a_checkpoint_has_no_messages_and_is_small(
    settings: OwnerSettings, bedrock: BedrockFake, tables: Tables, table: str
) -> None:
    bedrock.will(Reply(text=("And to drink?",)))
    async with process(settings) as bot:
        await bot.ask("soup " * 1_000)
    (item,) = (item for item in tables.items(table) if "checkpoint" in item)
    content = item["checkpoint"]["B"]
    assert content.count(b"soup") == 1_000
    assert len(content) < 1_000 * len("soup ") + 900
