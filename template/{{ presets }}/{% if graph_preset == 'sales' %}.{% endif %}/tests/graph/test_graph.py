"""The conversation's graph: its shape, its loop, what it looks up, and the offline model's part."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from app.core.service.llm.graph import tools
from app.core.service.llm.graph.nodes import MAX_OBJECTIONS
from app.core.service.llm.graph.offline_script import OFFLINE_SCRIPT
from app.core.service.llm.graph.orchestrator_agent_service import OrchestratorAgentService
from app.core.service.llm.graph.prompts import (
    CLOSE_TASK,
    FAREWELL_TASK,
    NO_OFFER,
    NURTURE_TASK,
    SYSTEM_PROMPT,
)
from app.core.service.llm.graph.tools import Catalogue, LookupFailed, Product, SampleCatalogue
from app.core.service.llm.offline_chat_service import OfflineChatService
from app.core.texts import HANDED_OVER
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.conversation import Conversation
from tests.support.graph_diagram import compiled_edges, drawn_edges

SAMPLE = json.loads(
    Path(tools.__file__).with_name("data").joinpath("sample.json").read_text("utf-8")
)
PRODUCTS: list[dict[str, Any]] = SAMPLE["products"]
BEANS, GRINDER = PRODUCTS[0], PRODUCTS[4]
SOLD_OUT = next(product for product in PRODUCTS if not product["stock"])


def lead(is_qualified: bool = True, need: str = BEANS["name"], confidence: float = 0.9) -> Reply:
    """Return what the model says to have qualified a lead so."""
    arguments = {"is_qualified": is_qualified, "need": need, "confidence": confidence}
    return Reply(tool="LeadDecision", arguments=arguments)


def reaction(name: str, need: str | None = None, confidence: float = 0.9) -> Reply:
    """Return what the model says to have read this reaction."""
    arguments = {"reaction": name, "need": need, "confidence": confidence}
    return Reply(tool="ReactionDecision", arguments=arguments)


def words(text: str) -> Reply:
    return Reply(text=(text,))


def conversation_with(
    chat_model: BaseChatModel, catalogue: Catalogue | None = None
) -> Conversation:
    return Conversation(lambda: OrchestratorAgentService(chat_model, catalogue))


def task_in(body: dict[str, Any]) -> str:
    """Return what the model was told to do, with its data."""
    assert body["system"][0] == {"text": SYSTEM_PROMPT}
    return "".join(block.get("text", "") for block in body["messages"][-1]["content"])


def heading(task: str) -> str:
    return task.partition("\n")[0]


def test_the_graph_is_the_diagram(claude: BaseChatModel) -> None:
    assert compiled_edges(OrchestratorAgentService(claude)) == drawn_edges()


async def test_from_the_offer_over_a_doubt_to_the_sale_without_a_call_made_twice(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(
        lead(),
        words("Take these."),
        reaction("has_objection"),
        words("They are fresh."),
        reaction("interested"),
        words("Buy them there."),
    )
    conversation = conversation_with(claude)
    said = [await conversation.say(text) for text in ("I want coffee", "Are they fresh?", "Yes")]
    assert said == ["Take these.", "They are fresh.", "Buy them there."]
    assert conversation.nodes == [
        "qualify_lead",
        "qualify_lead",
        "present_product",
        "handle_objection",
        "present_product",
        "close_sale",
    ]
    assert not conversation.is_waiting
    assert heading(CLOSE_TASK) in task_in(bedrock.bodies()[-1])
    assert BEANS["url"] in task_in(bedrock.bodies()[-1])


@pytest.mark.parametrize(
    "decision",
    [
        [lead(is_qualified=False)],
        [lead(confidence=0.59)],
        [lead(need="xyzzy")],
        [lead(need=SOLD_OUT["name"].partition(",")[0].rpartition(" ")[2])],
        [words("Hm."), words("Hm.")],
    ],
    ids=["not qualified", "unsure", "not in the catalogue", "sold out", "invalid"],
)
async def test_whoever_cannot_be_sold_anything_is_nurtured(
    decision: list[Reply], claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(*decision, words("How do you drink it?"))
    conversation = conversation_with(claude)
    assert await conversation.say("...") == "How do you drink it?"
    assert conversation.nodes[-1] == "nurture"
    assert not conversation.is_waiting
    assert NURTURE_TASK in task_in(bedrock.bodies()[-1])


@pytest.mark.parametrize("doubt", [reaction("interested", confidence=0.59), words("Hm.")])
async def test_an_unsure_reaction_is_no_wish_to_buy(
    doubt: Reply, claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    again = [doubt] if doubt.tool else [doubt, doubt]
    bedrock.will(lead(), words("Take these."), *again, words("Let me explain."))
    conversation = conversation_with(claude)
    await conversation.say("I want coffee")
    assert await conversation.say("Hm") == "Let me explain."
    assert conversation.is_waiting


async def test_after_some_objections_the_conversation_ends_without_insisting(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    doubts = [
        reply
        for n in range(MAX_OBJECTIONS)
        for reply in (reaction("has_objection"), words(f"{n}."))
    ]
    bedrock.will(lead(), words("Offer."), *doubts, reaction("has_objection"), words("Goodbye."))
    conversation = conversation_with(claude)
    said = [await conversation.say("No") for _ in range(MAX_OBJECTIONS + 2)]
    assert said == ["Offer.", *(f"{n}." for n in range(MAX_OBJECTIONS)), "Goodbye."]
    assert not conversation.is_waiting
    assert heading(FAREWELL_TASK) in task_in(bedrock.bodies()[-1])


@pytest.mark.parametrize(
    ("need", "expected"), [(GRINDER["name"], f"- {GRINDER['name']}"), ("xyzzy", NO_OFFER)]
)
async def test_another_wish_changes_the_offer(
    need: str, expected: str, claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(lead(), words("Beans."), reaction("has_objection", need), words("Or this."))
    conversation = conversation_with(claude)
    await conversation.say("I want coffee")
    await conversation.say("Actually I want something else")
    lines = task_in(bedrock.bodies()[-1]).splitlines()
    assert next(line for line in lines if line.startswith("- ")).startswith(expected)


async def test_the_next_conversation_begins_anew(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(lead(is_qualified=False), words("Hello."), lead(), words("Take these."))
    conversation = conversation_with(claude)
    await conversation.say("Hi")
    assert await conversation.say("I want coffee") == "Take these."


class Away(Catalogue):
    """A shop system that does not answer."""

    async def search(self, need: str) -> Sequence[Product]:
        raise LookupFailed


async def test_a_catalogue_that_is_away_is_no_reason_to_invent(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(lead(), words("How do you drink it?"))
    conversation = conversation_with(claude, Away())
    await conversation.say("I want coffee")
    assert conversation.nodes == ["qualify_lead", "nurture"]


@pytest.mark.parametrize(
    "product", [p for p in PRODUCTS if p["stock"]], ids=lambda product: product["name"]
)
async def test_every_product_in_stock_is_found_by_its_name(product: dict[str, Any]) -> None:
    (best, *_) = await SampleCatalogue().search(product["name"].upper())
    assert best.name == product["name"]


async def test_what_is_sold_out_is_not_offered() -> None:
    found = await SampleCatalogue().search(SOLD_OUT["name"])
    assert SOLD_OUT["name"] not in [product.name for product in found]


@pytest.mark.parametrize("doubts", [None, 0, 2])
async def test_who_asks_for_a_person_gets_one_in_every_state(
    doubts: int | None, claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    asks = {"asks_for_human": True, "confidence": 0.2}
    conversation = conversation_with(claude)
    if doubts is None:
        arguments = {**asks, "is_qualified": True, "need": BEANS["name"]}
        bedrock.will(Reply(tool="LeadDecision", arguments=arguments))
    else:
        bedrock.will(lead(), words("Take these."))
        bedrock.will(*[reaction("has_objection"), words("They are fresh.")] * doubts)
        arguments = {**asks, "reaction": "has_objection", "need": None}
        bedrock.will(Reply(tool="ReactionDecision", arguments=arguments))
        for _ in range(doubts + 1):
            await conversation.say("...")
    answer = await conversation.ask("A person, please")
    assert answer.handoff is not None
    assert answer.handoff.summary == BEANS["name"]
    ticket = answer.handoff.ticket_id
    assert answer.text == HANDED_OVER["asked_for_human"].format(ticket=ticket)
    assert not conversation.is_waiting


@pytest.fixture
def offline() -> BaseChatModel:
    return OfflineChatService(OFFLINE_SCRIPT, pause_seconds=0).chat_model()


async def test_the_offline_model_takes_every_way(offline: BaseChatModel) -> None:
    conversation = conversation_with(offline)
    assert "offline" in await conversation.say("...")
    assert not conversation.is_waiting
    offer = await conversation.say(f"I want, quero: {BEANS['name']}")
    assert BEANS["price"] in offer
    answer = await conversation.say("???")
    assert BEANS["price"] in answer
    assert answer != offer
    other = await conversation.say(f"I need, preciso: {GRINDER['name']}")
    assert GRINDER["price"] in other
    assert GRINDER["url"] in await conversation.say("yes, sim")
    assert not conversation.is_waiting


async def test_the_offline_model_says_goodbye_in_the_end(offline: BaseChatModel) -> None:
    conversation = conversation_with(offline)
    said = [await conversation.say(f"I want, quero: {BEANS['name']}")]
    while conversation.is_waiting:
        said.append(await conversation.say("???"))
    assert len(said) == MAX_OBJECTIONS + 2
    assert len(set(said)) == 3
