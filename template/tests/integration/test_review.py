"""Operators read the bot's chats: found by their days, with steps, without personal data."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.ports.chat_storage import ListingRequest
from app.core.ports.review_storage import DayRange, MarkKind, ReviewMark
from app.core.service.feedback.feedback_service import Feedback
from app.core.service.review.review_service import FoundChats, ReviewService
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest, Message
from domain.dto.events import EndEvent, ErrorEvent
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import InvalidCursor
from domain.ids import now_timestamp
from evals.cases import Conversation, read_cases
from evals.collect import add_to, collected
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.review_repository import ReviewRepository
from tests.support.bedrock_fake import BedrockFake, Failure, Reply
from tests.support.plain_agent import A_PERSON
from tests.support.plain_container import make_plain
from tests.support.table_proxy import Mood, TableProxy
from tests.support.tables import Tables

ALL = ListingRequest(limit=100, newest_first=True)


class ReviewedBot:
    """The bot without a channel, and the operator Rita who looks into it."""

    def __init__(self, container: ApplicationContainer) -> None:
        self.container = container
        self.review: ReviewService = container.services.review_service()

    async def ask(self, user_id: str, question: str, chat_id: str | None = None) -> EndEvent:
        end = await self._turn(user_id, question, chat_id)
        assert isinstance(end, EndEvent)
        return end

    async def fail(self, user_id: str, question: str, chat_id: str | None = None) -> None:
        assert isinstance(await self._turn(user_id, question, chat_id), ErrorEvent)

    async def found(
        self, kind: MarkKind = "chat", text: str = "", listing: ListingRequest = ALL
    ) -> FoundChats:
        await self.container.services.review_index().write()
        today = now_timestamp()[:10]
        return await self.review.list_chats("Rita", kind, DayRange(today, today), text, listing)

    async def read(self, chat_id: str) -> list[Message]:
        _, page = await self.review.read("Rita", chat_id, ListingRequest(limit=100))
        return list(page.items)

    async def _turn(self, user_id: str, question: str, chat_id: str | None) -> object:
        request = ChatRequest(user_id, question, chat_id, channel="rest")
        events = [event async for event in self.container.services.chat_service().run(request)]
        return events[-1]


@pytest.fixture
def proxy(dynamodb_endpoint: str) -> Iterator[TableProxy]:
    proxy = TableProxy(dynamodb_endpoint)
    yield proxy
    proxy.close()


@pytest.fixture
async def bot(proxy: TableProxy, table: str, bedrock: BedrockFake) -> AsyncIterator[ReviewedBot]:
    settings = OwnerSettings(
        aws_endpoint_url_dynamodb=proxy.url,
        aws_endpoint_url_bedrock_runtime=bedrock.url,
        ddb_table=table,
    )
    container = ApplicationContainer(settings=settings)
    make_plain(container)
    async with running(container):
        yield ReviewedBot(container)


def titles(found: FoundChats) -> list[str]:
    return [item.chat.title for item in found.items]


async def test_chats_are_found_by_what_happened_in_them(
    bot: ReviewedBot, bedrock: BedrockFake
) -> None:
    bedrock.always(Reply(text=("Ask José at the branch.",)))
    plain = await bot.ask("ana", "apples")
    bad = await bot.ask("eva", "My CPF is 111.444.777-35")
    handed_over = await bot.ask("leo", A_PERSON)
    bedrock.always(Failure("ValidationException", 400))
    await bot.fail("ana", "pears", plain.chat_id)
    await bot.review.rate("Rita", Feedback(bad.chat_id, bad.message_id, False, "No."))

    assert titles(await bot.found()) == [A_PERSON, "My CPF is <document>", "apples"]
    assert titles(await bot.found("handed_over")) == [A_PERSON]
    assert titles(await bot.found("failed")) == ["apples"]
    assert titles(await bot.found("bad")) == ["My CPF is <document>"]
    assert titles(await bot.found("good")) == []
    by_text = await bot.found(text="JOSE AT")
    assert (titles(by_text), by_text.looked_at) == (["My CPF is <document>", "apples"], 3)
    # Nobody finds out by a search who has which number.
    assert titles(await bot.found(text="111.444")) == []
    assert titles(await bot.review.list_chats_of("Rita", "leo", ALL)) == [A_PERSON]
    assert titles(await bot.review.find_chat("Rita", handed_over.chat_id)) == [A_PERSON]
    assert titles(await bot.review.find_chat("Rita", "chat_of_nobody")) == []


async def test_a_chat_is_read_with_its_steps_ratings_and_failures(
    bot: ReviewedBot, bedrock: BedrockFake, tables: Tables, table: str
) -> None:
    bedrock.will(Reply(text=("Call +55 11 98765-4321.",)))
    first = await bot.ask("ana", "Whom do I call?")
    bedrock.always(Failure("ValidationException", 400))
    await bot.fail("ana", "And then?", first.chat_id)
    feedback = Feedback(first.chat_id, first.message_id, True, "Ask for Ana, ana@example.com")
    await bot.container.services.feedback_service().rate("ana", feedback)
    await bot.review.rate("Rita", replace(feedback, is_good=False, comment="Whose number?"))

    question, answer, unanswered = await bot.read(first.chat_id)

    assert question.error_code is None
    assert answer.content == "Call <phone>."
    (step,) = answer.steps
    assert (step.node, step.input_tokens, step.output_tokens, step.error) == ("respond", 11, 7, "")
    assert answer.user_thumb is not None and answer.operator_thumb is not None
    assert answer.user_thumb.comment == "Ask for Ana, <email>"
    assert answer.operator_thumb.comment == "Whose number?"
    assert unanswered.error_code == "model_refused"
    assert [(step.node, step.error) for step in unanswered.steps] == [("respond", "model_refused")]
    audit = [
        item["action"]["S"]
        for item in tables.items(table)
        if item["sort_key"]["S"].startswith(("AUDIT#", "SEARCH#"))
    ]
    assert sorted(audit) == ["rated", "reviewed"]
    with pytest.raises(BusinessException) as error:
        await bot.read("chat_of_nobody")
    assert error.value.code == "chat_not_found"


async def test_an_answer_becomes_a_case_of_the_evals_once(
    bot: ReviewedBot, bedrock: BedrockFake, tmp_path: Path
) -> None:
    bedrock.always(Reply(text=("Yes.",)))
    first = await bot.ask("ana", "Is it (11) 98765-4321?")
    last = await bot.ask("ana", A_PERSON, first.chat_id)
    storage = bot.container.repositories.review_repository()
    for _ in range(2):
        case = await bot.review.collect("Rita", first.chat_id, last.message_id)
    await bot.review.collect("Rita", first.chat_id, first.message_id)

    file = tmp_path / "conversations.jsonl"
    file.write_text('{"name": "greets", "turns": [{"says": "Hi"}]}', "utf-8")
    cases = await collected(storage)
    assert len(add_to(file, cases)) == 2
    assert add_to(file, cases) == []

    assert case.line in file.read_text("utf-8").splitlines()
    _, short, long = read_cases(file, Conversation)
    assert [turn.says for turn in short.turns] == ["Is it <phone>?"]
    assert [(turn.says, turn.handoff) for turn in long.turns] == [
        ("Is it <phone>?", False),
        (A_PERSON, True),
    ]
    for kept in cases:
        await storage.delete_case(kept)
    assert await collected(storage) == []
    with pytest.raises(BusinessException) as error:
        await bot.review.collect("Rita", first.chat_id, "msg_" + "0" * 32)
    assert error.value.code == "message_not_found"


async def test_pages_go_on_over_shards_and_days(dynamodb: DynamoDBClient) -> None:
    storage = ReviewRepository(dynamodb)
    days = [f"2027-01-{day:02}" for day in (3, 3, 3, 3, 3, 2, 1, 1, 1)]
    marks = [
        ReviewMark("chat", day, f"chat_{number:032x}", f"user_{number}")
        for number, day in enumerate(days)
    ]
    await storage.mark(marks)
    await storage.mark(marks[:1])
    await storage.mark([ReviewMark("chat", "2027-01-04", "chat_later", "user")])
    wanted = DayRange("2027-01-01", "2027-01-03")
    found: list[ReviewMark] = []
    cursor: str | None = None
    while True:
        page = await storage.list_marks("chat", wanted, ListingRequest(2, cursor))
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    expected = sorted(marks, key=lambda mark: (mark.day, mark.chat_id), reverse=True)
    assert found == expected
    first = await storage.list_marks("chat", wanted, ListingRequest(1))
    for listing in (ListingRequest(1, "x"), ListingRequest(1, first.next_cursor)):
        with pytest.raises(InvalidCursor):
            await storage.list_marks("bad", wanted, listing)


async def test_the_index_costs_a_turn_nothing_and_a_chat_one_write_a_day(
    bot: ReviewedBot, bedrock: BedrockFake, proxy: TableProxy
) -> None:
    bedrock.always(Reply(text=("Yes.",)))
    index = bot.container.services.review_index()
    ends = await asyncio.gather(*(bot.ask(f"user_{number}", "Hello!") for number in range(30)))
    proxy.requests.clear()
    await index.write()
    # 25 chats are one request.
    assert proxy.operations() == {"BatchWriteItem": 2}
    await bot.ask("user_0", "And now?", ends[0].chat_id)
    proxy.requests.clear()
    await index.write()
    assert proxy.operations() == {}


async def test_what_the_table_did_not_take_is_written_later(
    bot: ReviewedBot, bedrock: BedrockFake, proxy: TableProxy
) -> None:
    bedrock.always(Reply(text=("Yes.",)))
    await bot.ask("ana", "apples")
    proxy.mood = Mood.AWAY
    await bot.container.services.review_index().write()
    proxy.mood = Mood.SERVING
    assert titles(await bot.found()) == ["apples"]
