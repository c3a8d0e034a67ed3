"""The WhatsApp inbox and its people on a real table, which all tests of the module share."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
import pytest_asyncio

from domain.dto.chat import Session
from domain.dto.whatsapp import IdentityChange, MessageKind, SenderIdentity
from domain.dto.whatsapp_inbox import (
    BegunReply,
    InboxEntry,
    LockRefused,
    PersonLock,
    Receipt,
    ReceiptState,
    Recording,
)
from domain.exceptions.storage import ConditionFailed
from domain.ids import new_id, now_timestamp
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key
from infra.repositories.whatsapp_people_repository import WhatsAppPeopleRepository
from infra.repositories.whatsapp_repository import WhatsAppRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = 24 * 3600
FAR_FUTURE = 10**17
SHARDS = [f"INBOX#{shard}" for shard in range(4)]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dynamodb(dynamodb_endpoint: str) -> AsyncIterator[DynamoDBClient]:
    connection = AwsConnection(AwsOptions("us-east-1", dynamodb_endpoint_url=dynamodb_endpoint))
    await connection.start()
    client = DynamoDBClient(connection, f"WhatsApp{secrets.token_hex(8)}")
    await client.start()
    await client.ensure_table()
    yield client
    await connection.stop()


@pytest.fixture
def inbox(dynamodb: DynamoDBClient) -> WhatsAppRepository:
    return WhatsAppRepository(dynamodb)


@pytest.fixture
def people(dynamodb: DynamoDBClient) -> WhatsAppPeopleRepository:
    return WhatsAppPeopleRepository(dynamodb)


@pytest.fixture
def person() -> str:
    """Someone whom no other test knows."""
    return new_number()


def new_number() -> str:
    return f"55{secrets.randbelow(10**11):011d}"


def new_user_id() -> str:
    return f"BR.{secrets.token_hex(8)}"


def entry(person: str, sent_at: int = 1_700_000_000, message_id: str = "") -> InboxEntry:
    return InboxEntry(
        message_id=message_id or new_id("wamid"),
        person=person,
        sender=SenderIdentity(person, "BR.1"),
        kind=MessageKind.QUESTION,
        text="Olá",
        sent_at=sent_at,
        received_at=time.time_ns() // 1000,
    )


async def is_waiting(inbox: WhatsAppRepository, person: str) -> bool:
    found = [p async for p in inbox.people_waiting(FAR_FUTURE) if p == person]
    assert len(found) <= 1
    return bool(found)


async def entries_of(dynamodb: DynamoDBClient, person: str) -> list[Item]:
    pages = [await dynamodb.query(shard, prefix=f"ENTRY#{person}#", limit=50) for shard in SHARDS]
    return [item for items, _ in pages for item in items]


def receipt_key(message: InboxEntry) -> Key:
    return Key(f"WHATSAPP_MESSAGE#{message.message_id}", "RECEIPT")


async def test_of_twenty_recordings_at_once_one_wins(
    inbox: WhatsAppRepository, person: str
) -> None:
    message = entry(person)
    recordings = await asyncio.gather(*(inbox.record(message) for _ in range(20)))
    outcomes = Counter(outcome for (outcome,) in recordings)
    assert outcomes[Recording.NEW] == 1
    (waiting,) = await inbox.waiting(person, 10)
    assert replace(waiting, suspect=False) == message
    assert await inbox.record(message) == [Recording.WAITING]
    assert await is_waiting(inbox, person)


async def test_an_answered_message_stays_known_for_eight_days_and_waits_no_more(
    inbox: WhatsAppRepository, dynamodb: DynamoDBClient, person: str
) -> None:
    message = entry(person)
    await inbox.record(message)
    await inbox.begin_reply(message, BegunReply("Oi!"))
    assert await inbox.record(message) == [Recording.DUPLICATE]
    await inbox.finish([message], ReceiptState.ANSWERED)
    assert await inbox.waiting(person, 10) == []
    assert not await is_waiting(inbox, person)
    assert await inbox.record(message) == [Recording.DUPLICATE]
    item = await dynamodb.get(receipt_key(message))
    assert item is not None
    assert item["state"] == "answered"
    assert abs(int(item["expires_at"] or 0) - time.time() - 8 * DAY) < 60
    # Neither the text nor who wrote it is kept longer than the reply takes.
    assert not {"reply", "text", "person", "phone"} & set(item)


async def test_what_has_expired_counts_as_gone_before_dynamodb_removes_it(
    inbox: WhatsAppRepository, dynamodb: DynamoDBClient, person: str
) -> None:
    message = entry(person)
    await inbox.record(message)
    receipt = await dynamodb.get(receipt_key(message))
    assert receipt is not None
    for item in (receipt, *await entries_of(dynamodb, person)):
        await dynamodb.put({**item, "expires_at": int(time.time()) - 1})
    assert await inbox.waiting(person, 10) == []
    assert not await is_waiting(inbox, person)
    assert await inbox.receipt(message.message_id) is None
    assert await inbox.record(message) == [Recording.NEW]


async def test_a_crash_between_receipt_and_entry_is_mended_by_the_next_delivery(
    inbox: WhatsAppRepository, dynamodb: DynamoDBClient, person: str
) -> None:
    message = entry(person)
    await inbox.record(message)
    (item,) = await entries_of(dynamodb, person)
    await dynamodb.delete(Key(str(item["partition_key"]), str(item["sort_key"])))
    again = replace(message, received_at=message.received_at + 5, person="BR.1")
    assert await inbox.record(again) == [Recording.REPAIRED]
    assert await inbox.waiting(person, 10) == [replace(message, suspect=True)]
    await inbox.finish(await inbox.waiting(person, 10), ReceiptState.ANSWERED)
    assert await entries_of(dynamodb, person) == []


async def test_messages_wait_by_metas_time_then_by_arrival(
    inbox: WhatsAppRepository, person: str
) -> None:
    first, second, third = entry(person, 20), entry(person, 20), entry(person, 5)
    for message in (first, second, third):
        await inbox.record(message)
    found = await inbox.waiting(person, 10)
    assert [m.message_id for m in found] == [m.message_id for m in (third, first, second)]
    assert len(await inbox.waiting(person, 2)) == 2


async def test_ids_that_contain_the_separator_are_kept_apart(
    inbox: WhatsAppRepository, person: str
) -> None:
    odd = [
        entry(person),
        entry(f"{person}#1", message_id=f"{person}#b"),
        entry(f"{person}%231", message_id=f"{person}%23b"),
    ]
    for message in odd:
        assert await inbox.record(message) == [Recording.NEW]
    for message in odd:
        assert await inbox.waiting(message.person, 10) == [message]


async def test_nobody_hides_behind_a_flood(
    inbox: WhatsAppRepository, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of more than two pages.
    monkeypatch.setattr("infra.repositories.whatsapp_repository._PAGE", 200)
    flooder, *others = sorted(new_number() for _ in range(9))
    await inbox.record(entry(flooder))
    (item,) = await entries_of(dynamodb, flooder)
    sort_key = str(item["sort_key"])
    flood: list[Item] = [{**item, "sort_key": f"{sort_key}#{n}"} for n in range(425)]
    await asyncio.gather(*(dynamodb.put_many(flood[n : n + 25]) for n in range(0, 425, 25)))
    await asyncio.gather(*(inbox.record(entry(person)) for person in others))
    found = Counter([person async for person in inbox.people_waiting(FAR_FUTURE)])
    assert {person: found[person] for person in (flooder, *others)} == dict.fromkeys(
        (flooder, *others), 1
    )
    assert (await inbox.backlog()).count == len(found)


async def test_who_waits_since_just_now_can_be_left_out(
    inbox: WhatsAppRepository, person: str
) -> None:
    message = entry(person)
    await inbox.record(message)
    assert person not in [p async for p in inbox.people_waiting(message.received_at)]
    assert person in [p async for p in inbox.people_waiting(message.received_at + 1)]


async def test_of_twenty_begun_replies_at_once_one_is_sent(
    inbox: WhatsAppRepository, person: str
) -> None:
    message = entry(person)
    await inbox.record(message)
    replies = [BegunReply(f"reply {n}", also_answers=("wamid.x", "wamid.y")) for n in range(20)]
    outcomes = await asyncio.gather(
        *(inbox.begin_reply(message, reply) for reply in replies), return_exceptions=True
    )
    winners = [r for r, o in zip(replies, outcomes, strict=True) if o is None]
    assert len(winners) == 1
    assert all(o is None or isinstance(o, ConditionFailed) for o in outcomes)
    await inbox.note_parts_sent(message, 2)
    expected = replace(winners[0], parts_sent=2)
    assert await inbox.receipt(message.message_id) == Receipt(ReceiptState.SENDING, expected)


@pytest.mark.parametrize("size", [1, 2, 30])
async def test_one_reply_finishes_all_that_it_answers(
    inbox: WhatsAppRepository, person: str, size: int
) -> None:
    messages: Sequence[InboxEntry] = [entry(person, sent_at=n) for n in range(size)]
    await asyncio.gather(*(inbox.record(message) for message in messages))
    await inbox.finish(messages, ReceiptState.ANSWERED)
    assert await inbox.waiting(person, 100) == []
    receipts = await asyncio.gather(*(inbox.receipt(m.message_id) for m in messages))
    assert {receipt and receipt.state for receipt in receipts} == {ReceiptState.ANSWERED}


async def test_messages_recorded_together_keep_their_order_and_are_new_once(
    inbox: WhatsAppRepository, person: str
) -> None:
    first, second = entry(person, sent_at=1), entry(person, sent_at=2)
    recordings = await inbox.record(first, second, first)
    assert Counter(recordings) == {Recording.NEW: 2, Recording.WAITING: 1}
    assert await inbox.waiting(person, 10) == [first, second]
    assert await inbox.record(second, first) == [Recording.WAITING, Recording.WAITING]


async def test_whoever_has_waited_longest_is_found_first(inbox: WhatsAppRepository) -> None:
    people = [new_number() for _ in range(12)]
    for place, person in enumerate(people):
        await inbox.record(replace(entry(person), received_at=len(people) - place))
    found = [p async for p in inbox.people_waiting(FAR_FUTURE) if p in people]
    assert found == people[::-1]
    assert (await inbox.backlog()).oldest_at == 1e-6


async def test_what_a_newer_version_wrote_is_not_answered_twice_nor_for_ever(
    dynamodb: DynamoDBClient, inbox: WhatsAppRepository, person: str
) -> None:
    message = entry(person)
    await inbox.record(message)
    pages = [await dynamodb.query(s, prefix=f"ENTRY#{person}#", limit=1) for s in SHARDS]
    (item,) = [item for items, _ in pages for item in items]
    await dynamodb.put({**item, "kind": "of next year"})
    (waiting,) = await inbox.waiting(person, 10)
    assert waiting.kind is MessageKind.UNSUPPORTED
    key = Key(f"WHATSAPP_MESSAGE#{message.message_id}", "RECEIPT")
    receipt = await dynamodb.get(key) or {}
    await dynamodb.put({**receipt, "state": "of next year"})
    assert await inbox.receipt(message.message_id) == Receipt(ReceiptState.ANSWERED)


async def test_a_session_outlives_a_long_absence(
    dynamodb: DynamoDBClient, people: WhatsAppPeopleRepository, person: str
) -> None:
    await people.lock(person, "owner", 10)
    session = await dynamodb.get(Key(f"WHATSAPP#{person}", "SESSION")) or {}
    expires_at = session["expires_at"]
    assert isinstance(expires_at, int)
    assert expires_at > time.time() + 365 * DAY


async def test_interruptions_count_anew_after_progress(
    people: WhatsAppPeopleRepository, person: str
) -> None:
    async def taken_by(owner: str) -> int:
        lock = await people.lock(person, owner, 0.001)
        await asyncio.sleep(0.003)
        assert isinstance(lock, PersonLock)
        return lock.interrupted

    assert [await taken_by(owner) for owner in ("a", "b", "c")] == [0, 1, 2]
    await people.forget_interruptions(person, "c")
    assert await taken_by("d") == 1


async def test_number_and_business_scoped_id_are_one_person(dynamodb: DynamoDBClient) -> None:
    async def met(phone: str | None, user_id: str | None) -> str:
        # Each time by another process, which remembers nobody.
        return await WhatsAppPeopleRepository(dynamodb).person_of(SenderIdentity(phone, user_id))

    first, second = new_number(), new_number()
    user_id, hidden_id = new_user_id(), new_user_id()
    assert await met(first, user_id) == first
    assert await met(None, user_id) == first
    assert await met(first, None) == first

    assert await met(None, hidden_id) == hidden_id
    assert await met(second, hidden_id) == hidden_id
    assert await met(second, None) == hidden_id

    # Two known people are never merged; the number decides.
    third, other_id = new_number(), new_user_id()
    assert await met(third, None) == third
    await WhatsAppPeopleRepository(dynamodb).lock(third, "whoever answers", 10)
    assert await met(None, other_id) == other_id
    assert await met(third, other_id) == third
    assert await met(None, other_id) == other_id
    # A portfolio's id says nothing of the person's own.
    assert await met(first, f"US.ENT.{first}") == first
    assert await met(first, user_id) == first


async def test_a_number_that_somebody_else_has_now_gives_them_nothing_of_the_former(
    dynamodb: DynamoDBClient,
) -> None:
    number, former_id, new_id = new_number(), new_user_id(), new_user_id()
    people, elsewhere = WhatsAppPeopleRepository(dynamodb), WhatsAppPeopleRepository(dynamodb)
    assert await people.person_of(SenderIdentity(number)) == number
    assert await elsewhere.person_of(SenderIdentity(number, former_id)) == number
    for process in (people, elsewhere):
        assert await process.person_of(SenderIdentity(number, new_id)) == new_id
        assert await process.person_of(SenderIdentity(number)) == new_id
        assert await process.person_of(SenderIdentity(None, former_id)) == number
    # What an operator writes to the former must not reach the new one.
    assert await people.address_of(number) is None
    assert await people.address_of(new_id) == SenderIdentity(None, new_id)


async def test_whoever_changes_number_and_id_stays_the_same_person(
    dynamodb: DynamoDBClient,
) -> None:
    people = WhatsAppPeopleRepository(dynamodb)
    number, new_phone, user_id, new_id = new_number(), new_number(), new_user_id(), new_user_id()
    await people.person_of(SenderIdentity(number, user_id))
    changes = [
        IdentityChange((number,), SenderIdentity(new_phone)),
        IdentityChange((user_id,), SenderIdentity(new_phone, new_id)),
    ]
    for change in changes * 2:
        await people.link(change)
    for sender in (SenderIdentity(new_phone, new_id), SenderIdentity(None, new_id)):
        assert await people.person_of(sender) == number
    assert await people.address_of(number) == SenderIdentity(new_phone, new_id)
    # The former number may be somebody else's by then.
    other_id = new_user_id()
    assert await people.person_of(SenderIdentity(number, other_id)) == other_id
    assert await people.address_of(number) == SenderIdentity(new_phone, new_id)


async def test_whoever_only_had_a_number_goes_on_under_another(
    dynamodb: DynamoDBClient,
) -> None:
    people = WhatsAppPeopleRepository(dynamodb)
    number, second, third = new_number(), new_number(), new_number()
    await people.lock(await people.person_of(SenderIdentity(number)), "whoever answers", 10)
    for before, after in ((number, second), (second, third)):
        await people.link(IdentityChange((before,), SenderIdentity(after)))
        assert await people.person_of(SenderIdentity(after)) == number
        assert await people.address_of(number) == SenderIdentity(after)


async def test_a_change_of_somebody_unknown_changes_nothing(dynamodb: DynamoDBClient) -> None:
    people = WhatsAppPeopleRepository(dynamodb)
    number, new_phone = new_number(), new_number()
    await people.link(IdentityChange((number,), SenderIdentity(new_phone)))
    assert await people.person_of(SenderIdentity(new_phone)) == new_phone
    assert await people.address_of(new_phone) == SenderIdentity(new_phone)


async def test_how_people_of_earlier_versions_are_reached(dynamodb: DynamoDBClient) -> None:
    people = WhatsAppPeopleRepository(dynamodb)
    assert await people.address_of("5511999990000") == SenderIdentity("5511999990000")
    assert await people.address_of("+16505551234") == SenderIdentity("+16505551234")
    assert await people.address_of("BR.a_b-c") == SenderIdentity(None, "BR.a_b-c")


async def test_processes_that_meet_someone_at_once_agree_who_it_is(
    dynamodb: DynamoDBClient, person: str
) -> None:
    both = SenderIdentity(person, new_user_id())
    processes = [WhatsAppPeopleRepository(dynamodb) for _ in range(20)]
    assert set(await asyncio.gather(*(p.person_of(both) for p in processes))) == {person}


async def test_of_twenty_locks_at_once_one_is_given(
    people: WhatsAppPeopleRepository, person: str
) -> None:
    locks = await asyncio.gather(*(people.lock(person, f"process {n}", 30) for n in range(20)))
    given = [lock for lock in locks if isinstance(lock, PersonLock)]
    assert given == [PersonLock(person, session=None, interrupted=0, failures=0)]
    assert all(0 < lock.seconds <= 2 for lock in locks if isinstance(lock, LockRefused))


async def test_a_lock_ends_with_its_time_and_counts_the_interruption(
    people: WhatsAppPeopleRepository, person: str
) -> None:
    await people.lock(person, "dead", 0.05)
    await asyncio.sleep(0.1)
    lock = await people.lock(person, "alive", 30)
    assert lock == PersonLock(person, None, interrupted=1, failures=0)
    for change in (
        people.extend(person, "dead", 30),
        people.unlock(person, "dead", None),
        people.postpone(person, "dead", 1, 30),
        people.save_session(person, "dead", None),
    ):
        with pytest.raises(ConditionFailed):
            await change


async def test_an_extended_lock_lives_on_and_an_unlocked_one_is_free(
    people: WhatsAppPeopleRepository, person: str
) -> None:
    await people.lock(person, "one", 0.05)
    await people.extend(person, "one", 30)
    await asyncio.sleep(0.1)
    assert isinstance(await people.lock(person, "two", 30), LockRefused)
    await people.unlock(person, "one", None)
    assert await people.lock(person, "two", 30) == PersonLock(person, None, 0, 0)


async def test_a_postponed_person_is_nobodys_for_a_while(
    people: WhatsAppPeopleRepository, person: str
) -> None:
    await people.lock(person, "one", 30)
    await people.postpone(person, "one", failures=3, seconds=20)
    for owner in ("one", "two"):
        refused = await people.lock(person, owner, 30)
        assert isinstance(refused, LockRefused)
        assert 18 < refused.seconds <= 20
    other = new_number()
    await people.lock(other, "one", 30)
    await people.postpone(other, "one", failures=3, seconds=0)
    await asyncio.sleep(0.01)
    assert await people.lock(other, "two", 30) == PersonLock(other, None, 0, failures=3)


async def test_a_session_is_kept_with_its_last_activity_until_it_is_forgotten(
    people: WhatsAppPeopleRepository, person: str
) -> None:
    now = now_timestamp()
    session = Session(new_id("sess"), new_id("chat"), "whatsapp_1", now, now)
    await people.lock(person, "one", 30)
    await people.save_session(person, "one", session)
    later = replace(session, last_activity_at=now_timestamp())
    await people.unlock(person, "one", later)
    assert await people.lock(person, "two", 30) == PersonLock(person, later, 0, 0)
    await people.save_session(person, "two", None)
    await people.unlock(person, "two", None)
    assert await people.lock(person, "two", 30) == PersonLock(person, None, 0, 0)
