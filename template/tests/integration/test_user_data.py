"""What the table has about one user, exported and erased."""

import json
from pathlib import Path

import pytest

from app.core.ports.review_storage import ReviewMark
from domain.dto.chat import Chat, Message, Session
from domain.dto.eval_case import EvalCase
from domain.dto.handoff import OperatorAction, Ticket
from domain.ids import new_id, now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient, Key
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.daily_budget_repository import DailyBudgetRepository
from infra.repositories.rate_limit_repository import RateLimitRepository
from infra.repositories.review_repository import ReviewRepository
from infra.repositories.ticket_repository import TicketRepository
from scripts.user_data import count, erase, export, main
from tests.support.tables import Tables


async def talk(dynamodb: DynamoDBClient, user_id: str, chat_id: str) -> None:
    """Leave every kind of item that a user leaves."""
    now = now_timestamp()
    session = Session("sess_1", chat_id, user_id, now, now)
    question = Message(new_id("msg"), chat_id, user_id, "user", "Where is it?", now)
    answer = Message(new_id("msg"), chat_id, user_id, "assistant", "Here.", now_timestamp())
    chats, tickets = ChatRepository(dynamodb), TicketRepository(dynamodb)
    await chats.save_question(question, session, Chat(chat_id, "Where", "", now, now))
    await chats.save_answer(answer, "Where", b"checkpoint")
    ticket = Ticket(new_id("T"), chat_id, user_id, "chat", "complaint", "Lost", now, now)
    await tickets.open(ticket)
    await tickets.record(OperatorAction("Rita", "opened", chat_id, ticket.ticket_id, now))
    review = ReviewRepository(dynamodb)
    await review.mark([ReviewMark("chat", now[:10], chat_id, user_id)])
    await review.save_case(EvalCase(chat_id, answer.message_id, user_id, "{}", now))
    await review.record_search("Rita", "searched_user", user_id, now)
    await DailyBudgetRepository(dynamodb, turns=10, tokens=10).admit(user_id)
    await RateLimitRepository(dynamodb, 10).admit(user_id)


OF_A_USER = {
    "AUDIT/SEARCH": 1,
    "CHAT/AUDIT": 1,
    "CHAT/MSG": 2,
    "CHAT/MSG_CHECKPOINT": 1,
    "CHAT/MSG_HANDOFF": 1,
    "CHAT/SESSION": 1,
    "CHAT/TICKET": 1,
    "EVAL_CASES/CASE": 1,
    "LIMIT/DAY": 1,
    "LIMIT/MINUTE": 1,
    "REVIEW/CHAT": 1,
    "TICKETS/OPEN": 1,
    "USER/CHAT": 1,
}


async def test_all_of_a_user_is_erased_and_nothing_of_another(
    dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    await talk(dynamodb, "eva", "chat_2")
    before = tables.items(table)
    await talk(dynamodb, "ana#1", "chat_1")
    assert await erase(dynamodb, "ana#1", keep_audit=False) == OF_A_USER
    assert sorted(map(str, tables.items(table))) == sorted(map(str, before))
    assert await erase(dynamodb, "ana#1", keep_audit=False) == {}


async def test_what_no_list_names_any_more_is_found_and_the_audit_may_stay(
    dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    await talk(dynamodb, "ana", "chat_1")
    # As a process leaves it that ended between two writes.
    await dynamodb.delete(Key("USER#ana", "CHAT#chat_1"))
    assert sum((await erase(dynamodb, "ana", keep_audit=True)).values()) == 13 - 2
    assert [kept["operator"] for kept in tables.items(table)] == [{"S": "Rita"}] * 2


async def test_a_chat_with_messages_of_another_is_left_alone(dynamodb: DynamoDBClient) -> None:
    await talk(dynamodb, "eva", "chat_2")
    now = now_timestamp()
    mistaken = {"title": "", "preview": "", "created_at": now, "updated_at": now}
    await dynamodb.put({"partition_key": "USER#ana", "sort_key": "CHAT#chat_2", **mistaken})
    assert await erase(dynamodb, "ana", keep_audit=False) == {"USER/CHAT": 1}
    assert await count(dynamodb, "eva") == OF_A_USER


async def test_an_erasure_that_was_broken_off_is_finished_by_the_next(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch, tables: Tables, table: str
) -> None:
    await talk(dynamodb, "ana", "chat_1")
    monkeypatch.setattr("scripts.user_data._BATCH", 1)
    delete_many = dynamodb.delete_many

    async def delete_and_end(keys: list[Key]) -> None:
        await delete_many(keys)
        raise ConnectionAbortedError

    monkeypatch.setattr(dynamodb, "delete_many", delete_and_end)
    for _ in range(sum(OF_A_USER.values()) - 1):
        with pytest.raises(ConnectionAbortedError):
            await erase(dynamodb, "ana", keep_audit=False)
    monkeypatch.setattr(dynamodb, "delete_many", delete_many)
    await erase(dynamodb, "ana", keep_audit=False)
    assert tables.items(table) == []


async def test_an_export_has_every_item_on_a_line(dynamodb: DynamoDBClient, tmp_path: Path) -> None:
    await talk(dynamodb, "ana", "chat_1")
    file = tmp_path / "ana.jsonl"
    assert await export(dynamodb, "ana", file) == OF_A_USER
    items = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert len(items) == sum(OF_A_USER.values())
    assert {"Where is it?", "Here."} == {i["content"] for i in items if "content" in i}
    assert "Y2hlY2twb2ludA==" in {i.get("checkpoint") for i in items}
    assert not file.with_name("ana.jsonl.part").exists()


def test_the_command_counts_first_and_deletes_only_when_told_to(
    dynamodb_endpoint: str,
    tables: Tables,
    table: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_endpoint)
    monkeypatch.setenv("DDB_TABLE", table)
    tables.put(
        table,
        {"partition_key": {"S": "LIMIT#ana"}, "sort_key": {"S": "DAY#2026-01-01"}},
    )
    assert main(["erase", "nobody"]) == 3
    assert main(["export", "ana", "--out", str(tmp_path / "ana.jsonl")]) == 0
    assert main(["erase", "ana"]) == 0
    assert "LIMIT/DAY" in capsys.readouterr().out
    assert len(tables.items(table)) == 1
    assert main(["erase", "ana", "--yes"]) == 0
    assert tables.items(table) == []
    monkeypatch.setenv("PORT", "none")
    assert main(["erase", "ana"]) == 1
    with pytest.raises(SystemExit) as usage:
        main(["forget", "ana"])
    assert usage.value.code == 2
