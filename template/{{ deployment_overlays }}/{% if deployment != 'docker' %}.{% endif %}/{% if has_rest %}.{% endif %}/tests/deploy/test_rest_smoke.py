"""The smoke test of the REST channel, with a running bot."""

import pytest

from scripts.deployment import texts
from scripts.deployment.console import Console
from scripts.deployment.deployed_bot import Credential, DeployedBot
from scripts.deployment.rest_smoke import CHECKS
from scripts.deployment.smoke import run_checks
from tests.support.bots import BotInside, BotsInside

Capture = pytest.CaptureFixture[str]
KEY = "0123456789abcdef"


@pytest.mark.parametrize(("user", "speaks_for"), [("maria", None), ("*", "maria")])
def test_a_sound_bot_refuses_strangers_and_answers(
    bots: BotsInside, capsys: Capture, user: str, speaks_for: str | None
) -> None:
    bot = bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=f"{KEY}:{user}")

    passed = run_checks(CHECKS, _deployed(bot, Credential(KEY, speaks_for)), Console())

    said = capsys.readouterr().out
    assert passed, said
    assert said.count(texts.CHECK_PASSED.strip()) == 2


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"AUTH_MODE": "none"}, KEY),
        ({"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{KEY}:maria"}, "another-key"),
    ],
    ids=["it serves everybody", "it does not answer"],
)
def test_a_bot_with_a_fault_does_not_pass(
    bots: BotsInside, capsys: Capture, settings: dict[str, str], key: str
) -> None:
    bot = bots(LLM_PROVIDER="offline", **settings)

    passed = run_checks(CHECKS, _deployed(bot, Credential(key, "maria")), Console())

    assert not passed
    assert texts.CHECK_FAILED in capsys.readouterr().out


def test_without_a_credential_no_turn_is_held(bots: BotsInside, capsys: Capture) -> None:
    bot = bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=f"{KEY}:maria")

    assert run_checks(CHECKS, _deployed(bot, None), Console())
    assert len(capsys.readouterr().out.splitlines()) == 1


def _deployed(bot: BotInside, credential: Credential | None) -> DeployedBot:
    outputs = {"HttpUrl": bot.url}
    return DeployedBot.of(outputs, credential, is_local=True)
