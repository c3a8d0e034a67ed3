"""Checks of the REST channel, from outside."""

from typing import Any

import httpx

from scripts.deployment import texts, web_texts
from scripts.deployment.deployed_bot import Check, DeployedBot
from scripts.deployment.errors import CheckFailed
from scripts.deployment.turns import turn_failure

_PATH = "/api/chats"
_REFUSALS = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)


def _refuses_strangers(bot: DeployedBot) -> None:
    response = bot.http.get(bot.url(f"{_PATH}/"))
    if response.status_code not in _REFUSALS:
        raise CheckFailed(texts.NOT_REFUSED.format(status=response.status_code))


def _answers(bot: DeployedBot) -> None:
    response = bot.http.post(
        bot.url(f"{_PATH}/completions"),
        json=bot.question(web_texts.SMOKE_QUESTION),
        headers=bot.authorization,
    )
    body = _json(response)
    if response.status_code != httpx.codes.OK:
        raise turn_failure(body.get("code", response.status_code), body.get("detail", ""))
    if not body.get("full_text") and not body.get("handoff"):
        raise CheckFailed(web_texts.TURN_EMPTY)


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {"detail": response.text[:200]}
    return body if isinstance(body, dict) else {}


CHECKS = [
    Check(texts.CHECK_REFUSES.format(where=_PATH), _refuses_strangers),
    Check(web_texts.CHECK_ANSWERS.format(where=_PATH), _answers, needs_credential=True),
]
