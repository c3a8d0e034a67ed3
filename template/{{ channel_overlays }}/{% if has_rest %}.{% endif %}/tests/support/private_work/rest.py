"""Questions and listings over REST, right and wrong."""

from contextlib import ExitStack

from infra.dynamodb.dynamodb_client import DynamoDBClient
from tests.support.bots import BotProcess
from tests.support.private_words import CPF, EMAIL, PHONE, TEXT, TOKEN
from tests.support.rest_client import rest_client

KEY = "key-of-the-crm"
OPENAI = "/v1/chat/completions"
EVENTS = {"turn_failed", "turn_refused"}


def settings(cleanup: ExitStack) -> dict[str, str]:
    return {"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{KEY}:*"}


async def work(bot: BotProcess, dynamodb: DynamoDBClient) -> None:
    completions, chats = "/api/chats/completions", "/api/chats"
    async with rest_client(bot, KEY) as rest:
        for user_id in (PHONE, EMAIL, CPF):
            question = {"user_id": user_id, "question": TEXT}
            assert (await rest.post(completions, json=question)).status_code == 502
            await rest.post(completions, json={**question, "stream": True})
            await rest.post(completions, json={**question, "chat_id": EMAIL, "session_id": CPF})
            await rest.post(completions, json={**question, "question": [TEXT]})
            messages = [{"role": "user", "content": TEXT}]
            body = {"model": TEXT, "user": user_id, "messages": messages}
            assert (await rest.post(OPENAI, json=body)).status_code == 502
            await rest.post(OPENAI, json={**body, "stream": True})
            await rest.post(OPENAI, json={**body, "messages": TEXT})
            await rest.get(f"{chats}/", params={"user_id": user_id, "cursor": TEXT})
            await rest.get(f"{chats}/{user_id}/messages", params={"user_id": user_id})
        await rest.post(completions, content=TEXT.encode())
        await rest.patch(f"{chats}/{EMAIL}/title", json={"title": TEXT, "user_id": PHONE})
        await rest.get(f"/{EMAIL}", params={"token": TOKEN})
    async with rest_client(bot, TOKEN) as stranger:
        refused = await stranger.get(f"{chats}/", params={"user_id": PHONE, "token": TOKEN})
        assert refused.status_code == 401
