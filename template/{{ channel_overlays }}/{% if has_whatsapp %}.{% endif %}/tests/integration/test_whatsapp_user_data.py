"""What the table has about somebody on WhatsApp, whichever of their identifiers is given."""

import pytest

from domain.dto.chat import Session
from domain.dto.whatsapp import MessageKind, SenderIdentity
from domain.dto.whatsapp_inbox import InboxEntry, PersonLock
from domain.ids import now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.whatsapp_people_repository import WhatsAppPeopleRepository
from infra.repositories.whatsapp_repository import WhatsAppRepository
from scripts.user_data import erase
from tests.support.tables import Tables

ANA = SenderIdentity(phone="5511987654321", business_scoped_id="BR.1234567890")
EVA = SenderIdentity(phone="5511912345678")


async def write(dynamodb: DynamoDBClient, sender: SenderIdentity) -> None:
    """Leave what somebody leaves whose message waits for its answer."""
    people = WhatsAppPeopleRepository(dynamodb)
    person = await people.person_of(sender)
    entry = InboxEntry(f"wamid.{person}", person, sender, MessageKind.QUESTION, "Hello!", 1, 2)
    await WhatsAppRepository(dynamodb).record(entry)
    assert isinstance(await people.lock(person, "me", 10), PersonLock)
    now = now_timestamp()
    session = Session("sess_1", "chat_1", f"whatsapp_{person}", now, now)
    await people.save_session(person, "me", session)


@pytest.mark.parametrize("identifier", [ANA.phone, ANA.business_scoped_id])
async def test_identities_session_inbox_and_receipts_go(
    identifier: str, dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    await write(dynamodb, EVA)
    before = tables.items(table)
    await write(dynamodb, ANA)
    assert await erase(dynamodb, f"whatsapp_{identifier}", keep_audit=False) == {
        "INBOX/ENTRY": 1,
        "WHATSAPP/IDENTITY": 2,
        "WHATSAPP/SESSION": 1,
        "WHATSAPP_MESSAGE/RECEIPT": 1,
    }
    assert sorted(map(str, tables.items(table))) == sorted(map(str, before))
