"""A chat in the hands of a person, from the request to the release."""

import asyncio
from typing import Any

import pytest

from app.core.ports.chat_storage import ListingRequest
from app.core.ports.handoff_observer import HandoffObserver
from app.core.service.handoff.handoff_service import HandoffService
from app.core.service.llm.handoff import request_human
from app.core.service.operator.operator_service import MAX_TEXT_CHARACTERS, OperatorService
from app.core.texts import HANDED_OVER
from app.dependency_injection.application_container import ApplicationContainer
from domain.dto.chat import ChatRequest, Message
from domain.dto.events import ChatEvent, EndEvent, ErrorEvent, StartEvent
from domain.dto.handoff import Ticket
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import InvalidCursor
from domain.ids import now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.ticket_repository import TicketRepository
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.logs import LogLines
from tests.support.plain_agent import A_PERSON
from tests.support.tables import Tables

ALL = ListingRequest(limit=100)


class Handoff:
    """A bot without a channel, and its operators."""

    def __init__(self, container: ApplicationContainer) -> None:
        self.container = container
        self.operators: OperatorService = container.operator_service()

    async def ask(self, question: str, chat_id: str | None = None) -> list[ChatEvent]:
        request = ChatRequest("ana", question, chat_id, channel="rest")
        return [event async for event in self.container.services.chat_service().run(request)]

    async def begin(self) -> str:
        """Return a chat that was just handed over."""
        *_, end = await self.ask(A_PERSON)
        assert isinstance(end, EndEvent)
        return end.chat_id

    async def said(self, chat_id: str) -> list[tuple[str, str]]:
        page = await self.container.repositories.chat_repository().list_messages(
            "ana", chat_id, ALL
        )
        return [(message.role, message.content) for message in page.items]

    async def open_tickets(self) -> list[Ticket]:
        return list((await self.operators.list_open(ALL)).items)


@pytest.fixture
def handoff(container: ApplicationContainer) -> Handoff:
    return Handoff(container)


async def test_the_user_is_told_a_ticket_that_operators_then_see(
    handoff: Handoff, logs: LogLines
) -> None:
    *_, end = await handoff.ask(A_PERSON)
    assert isinstance(end, EndEvent)
    assert end.handoff
    (ticket,) = await handoff.open_tickets()
    assert end.full_text == HANDED_OVER["asked_for_human"].format(ticket=ticket.ticket_id)
    assert (ticket.chat_id, ticket.user_id, ticket.channel) == (end.chat_id, "ana", "rest")
    assert (ticket.reason, ticket.summary) == ("asked_for_human", A_PERSON)
    assert ticket.waiting_since == ticket.opened_at
    (event,) = logs.events("handed_over")
    assert event["ticket_id"] == ticket.ticket_id
    assert A_PERSON not in str(event)


async def test_the_bot_is_silent_until_the_chat_is_released(
    handoff: Handoff, bedrock: BedrockFake
) -> None:
    chat_id = await handoff.begin()
    start, end = await handoff.ask("Is anybody there?", chat_id)
    assert isinstance(start, StartEvent)
    assert isinstance(end, EndEvent)
    assert (end.full_text, end.handoff) == ("", True)
    assert bedrock.requests == []
    await handoff.operators.write("Rita", chat_id, " I am here. ")
    await handoff.operators.release("Rita", chat_id)
    bedrock.will(Reply(text=("Good day.",)))
    *_, end = await handoff.ask("Thanks!", chat_id)
    assert isinstance(end, EndEvent)
    assert (end.full_text, end.handoff) == ("Good day.", False)
    assert [role for role, _ in await handoff.said(chat_id)] == [
        *("user", "assistant", "user", "operator", "user", "assistant")
    ]
    assert ("operator", "I am here.") in await handoff.said(chat_id)
    # What the operator said is part of the conversation that the model goes on with.
    assert "I am here." in str(bedrock.bodies()[-1]["messages"])
    assert await handoff.open_tickets() == []


async def test_other_chats_of_the_user_are_answered_meanwhile(
    handoff: Handoff, bedrock: BedrockFake
) -> None:
    await handoff.begin()
    bedrock.will(Reply(text=("Good day.",)))
    *_, end = await handoff.ask("Hello!")
    assert isinstance(end, EndEvent)
    assert not end.handoff


async def test_a_ticket_tells_since_when_the_user_waits(handoff: Handoff) -> None:
    chat_id = await handoff.begin()
    await handoff.operators.write("Rita", chat_id, "Hello!")
    (answered,) = await handoff.open_tickets()
    assert answered.waiting_since is None
    before = now_timestamp()
    for question in ("One", "Two"):
        await handoff.ask(question, chat_id)
    (waiting,) = await handoff.open_tickets()
    assert waiting.waiting_since is not None
    first_question_at = waiting.waiting_since
    assert before < first_question_at < now_timestamp()
    await handoff.ask("Three", chat_id)
    assert (await handoff.open_tickets())[0].waiting_since == first_question_at


async def test_what_operators_do_is_recorded_with_their_names(
    handoff: Handoff, tables: Tables, table: str
) -> None:
    chat_id = await handoff.begin()
    await handoff.operators.open("Rita", chat_id)
    await handoff.operators.write("Rita", chat_id, "Hello!")
    await handoff.operators.release("Otto", chat_id)
    audit = sorted(
        (item for item in tables.items(table) if item["sort_key"]["S"].startswith("AUDIT#")),
        key=lambda item: str(item["sort_key"]["S"]),
    )
    assert [(item["operator"]["S"], item["action"]["S"]) for item in audit] == [
        *(("Rita", "opened"), ("Rita", "wrote"), ("Otto", "released"))
    ]
    assert {item["partition_key"]["S"] for item in audit} == {f"CHAT#{chat_id}"}


async def test_chats_that_were_not_handed_over_are_none_of_an_operators_business(
    handoff: Handoff, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Good day.",)))
    start, *_ = await handoff.ask("Hello!")
    assert isinstance(start, StartEvent)
    released = await handoff.begin()
    await handoff.operators.release("Rita", released)
    operators = handoff.operators
    for chat_id in (start.session.chat_id, released, "chat_unknown"):
        attempts: list[Any] = [
            operators.open("Rita", chat_id),
            operators.list_messages(chat_id, ALL),
            operators.write("Rita", chat_id, "Hello!"),
            operators.release("Rita", chat_id),
        ]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        assert {getattr(outcome, "code", outcome) for outcome in outcomes} == {"ticket_not_found"}


@pytest.mark.parametrize("text", ["", " \n ", "a" * (MAX_TEXT_CHARACTERS + 1)])
async def test_a_message_without_text_or_with_too_much_is_refused(
    text: str, handoff: Handoff
) -> None:
    chat_id = await handoff.begin()
    with pytest.raises(BusinessException) as refused:
        await handoff.operators.write("Rita", chat_id, text)
    assert refused.value.code == "invalid_text"
    assert [role for role, _ in await handoff.said(chat_id)] == ["user", "assistant"]


async def test_a_chat_handed_over_twice_at_once_is_released_as_a_whole(
    handoff: Handoff, dynamodb: DynamoDBClient
) -> None:
    chat_id = await handoff.begin()
    (ticket,) = await handoff.open_tickets()
    again = Ticket("T-2", chat_id, "ana", "rest", "complaint", "", now_timestamp(), None)
    await handoff.container.repositories.ticket_repository().open(again)
    await handoff.operators.release("Rita", chat_id)
    assert await handoff.open_tickets() == []
    assert ticket.chat_id == chat_id


@pytest.fixture
def tickets(dynamodb: DynamoDBClient) -> TicketRepository:
    return TicketRepository(dynamodb)


def a_ticket(number: int) -> Ticket:
    at = f"2026-01-01T00:00:{number:02}.000000Z"
    return Ticket(f"T-{number:02}", f"chat_{number}", "ana", "rest", "complaint", "", at, at)


async def test_open_tickets_come_in_pages_the_oldest_first(tickets: TicketRepository) -> None:
    for number in (5, 3, 8, 1, 9, 2, 7, 4, 6):
        await tickets.open(a_ticket(number))
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await tickets.list_open(ListingRequest(4, cursor))
        found += [ticket.ticket_id for ticket in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == [f"T-{number:02}" for number in range(1, 10)]


@pytest.mark.parametrize("cursor", ["%%%", "TVNHIw"])
async def test_a_cursor_of_another_list_is_refused(cursor: str, tickets: TicketRepository) -> None:
    with pytest.raises(InvalidCursor):
        await tickets.list_open(ListingRequest(4, cursor))


async def test_a_ticket_that_could_not_be_opened_fails_the_turn(
    handoff: Handoff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.repositories.ticket_repository._OPEN", "OPEN#" + "x" * 2_000)
    *_, error = await handoff.ask(A_PERSON)
    assert isinstance(error, ErrorEvent)
    assert error.code == "storage_unavailable"


class Saboteur(HandoffObserver):
    """An observer that breaks."""

    def handed_over(self, ticket: Ticket) -> None:
        raise ZeroDivisionError


async def test_an_observer_that_breaks_does_not_keep_the_ticket_from_the_user(
    container: ApplicationContainer, logs: LogLines
) -> None:
    tickets = container.repositories.ticket_repository()
    question = Message("msg_1", "chat_1", "ana", "user", A_PERSON, now_timestamp())
    await HandoffService(tickets, [Saboteur()]).open(request_human(A_PERSON), question, "rest")
    assert await tickets.find_open("chat_1") is not None
    assert len(logs.events("handoff_observer_failed")) == 1
