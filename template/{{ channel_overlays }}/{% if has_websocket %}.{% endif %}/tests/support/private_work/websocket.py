"""Questions over the socket, right and wrong, and handshakes that are refused."""

from contextlib import ExitStack, suppress

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from infra.dynamodb.dynamodb_client import DynamoDBClient
from tests.support.bots import BotProcess
from tests.support.chat_socket import PATH, chat_socket
from tests.support.private_words import CPF, EMAIL, PHONE, TEXT, TOKEN

KEY = "key-of-the-crm"
EVENTS = {"socket_opened", "socket_closed", "socket_refused", "turn_failed", "turn_refused"}


def settings(cleanup: ExitStack) -> dict[str, str]:
    return {"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{KEY}:*"}


async def work(bot: BotProcess, dynamodb: DynamoDBClient) -> None:
    async with chat_socket(bot, headers={"Authorization": f"Bearer {KEY}"}) as socket:
        for user_id in (PHONE, EMAIL, CPF):
            assert (await socket.ask(user_id, TEXT))[-1]["code"] == "model_refused"
            await socket.ask(user_id, TEXT, chat_id=EMAIL, session_id=CPF)
            await socket.send({"type": "follow", "user_id": user_id, "chat_id": PHONE})
            await socket.receive()
        for nonsense in (TEXT, TEXT.encode(), {"type": TEXT}, {"question": [TEXT]}):
            await socket.send(nonsense)
            await socket.receive()
    for headers in ({"Origin": f"https://{EMAIL}"}, {"Authorization": f"Bearer {TOKEN}"}):
        await _refused(bot, headers)


async def _refused(bot: BotProcess, headers: dict[str, str]) -> None:
    url = f"ws{bot.url.removeprefix('http')}{PATH}?token={TOKEN}&phone={PHONE}"
    with suppress(InvalidStatus):
        await connect(url, additional_headers=headers, proxy=None)
        raise AssertionError("the handshake was not refused")
