"""Checks of the WebSocket channel, from outside."""

import json
import time
from typing import Any, Literal

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from scripts.deployment import texts, web_texts
from scripts.deployment.account import is_loopback
from scripts.deployment.deployed_bot import Check, DeployedBot
from scripts.deployment.errors import CheckFailed
from scripts.deployment.turns import turn_failure

_OPEN_SECONDS = 30
_TURN_SECONDS = 120.0
_PATH = "/ws/chat/completions"
_REFUSALS = (401, 403)


def _refuses_strangers(bot: DeployedBot) -> None:
    try:
        with _connection(bot, {}):
            raise CheckFailed(texts.NOT_REFUSED.format(status=101))
    except InvalidStatus as refusal:
        status = refusal.response.status_code
        if status not in _REFUSALS:
            raise CheckFailed(texts.NOT_REFUSED.format(status=status)) from None
    except (OSError, WebSocketException) as error:
        raise CheckFailed(texts.NO_ANSWER.format(error=error)) from None


def _answers(bot: DeployedBot) -> None:
    try:
        with _connection(bot, bot.authorization) as connection:
            _hold_turn(bot, connection)
    except (OSError, WebSocketException) as error:
        raise CheckFailed(texts.NO_ANSWER.format(error=error)) from None


def _hold_turn(bot: DeployedBot, connection: ClientConnection) -> None:
    deadline = time.monotonic() + _TURN_SECONDS
    if (greeting := _next(connection, deadline)).get("type") != "connected":
        raise CheckFailed(texts.ANSWERED.format(status=greeting.get("type"), body=greeting))
    connection.send(json.dumps(bot.question(web_texts.SMOKE_QUESTION)))
    while True:
        event = _next(connection, deadline)
        match event.get("type"):
            case "error":
                raise turn_failure(event.get("code"), event.get("message"))
            case "end":
                if not event.get("full_text") and not event.get("handoff"):
                    raise CheckFailed(web_texts.TURN_EMPTY)
                return


def _next(connection: ClientConnection, deadline: float) -> dict[str, Any]:
    try:
        event = json.loads(connection.recv(max(0.0, deadline - time.monotonic())))
    except TimeoutError:
        raise CheckFailed(texts.NO_ANSWER.format(error=f"{_TURN_SECONDS:.0f} s")) from None
    return event if isinstance(event, dict) else {}


def _connection(bot: DeployedBot, headers: dict[str, str]) -> ClientConnection:
    url = bot.outputs["SocketUrl"]
    # A company's proxy cannot reach this machine's own addresses.
    proxy: Literal[True] | None = None if is_loopback(url) else True
    return connect(url, additional_headers=headers, open_timeout=_OPEN_SECONDS, proxy=proxy)


CHECKS = [
    Check(texts.CHECK_REFUSES.format(where=_PATH), _refuses_strangers),
    Check(web_texts.CHECK_ANSWERS.format(where=_PATH), _answers, needs_credential=True),
]
