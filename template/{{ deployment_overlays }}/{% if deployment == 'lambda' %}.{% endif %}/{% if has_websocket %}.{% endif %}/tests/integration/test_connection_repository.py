import pytest

from domain.dto.chat import Session
from domain.ids import now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.connection_repository import ConnectionRepository


async def test_what_has_expired_counts_as_gone_before_dynamodb_removes_it(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = ConnectionRepository(dynamodb)
    now = now_timestamp()
    session = Session("sess_1", "chat_1", "ana", now, now)
    for lifetime, is_there in ((60, True), (-60, False)):
        lives = "infra.repositories.connection_repository._LIFETIME_SECONDS"
        monkeypatch.setattr(lives, lifetime)
        await connections.open("conn", "ana")
        await connections.keep_session("conn", session)
        await connections.follow("conn", "chat_1")
        assert (await connections.find("conn") is not None) == is_there
        assert (await connections.find_session("conn", "sess_1") is not None) == is_there
        assert bool(await connections.followers("chat_1")) == is_there
