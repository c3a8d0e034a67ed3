"""The part of the smoke test that every bot has: whether it lives and is ready."""

import pytest

from scripts.deployment import smoke
from scripts.deployment.console import Console
from scripts.deployment.deployed_bot import DeployedBot
from tests.support.bots import BotInside

Capture = pytest.CaptureFixture[str]


def test_a_bot_that_is_alive_and_ready_is_asked_what_its_channels_promise(
    bot: BotInside, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke, "_CHANNELS", [])

    assert smoke.smoke_test(DeployedBot.of({"HttpUrl": bot.url}, None, is_local=True), Console())
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == [
        "/health",
        "/ready",
    ]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "{bot}/nowhere"])
def test_a_bot_that_does_not_answer_is_given_up_after_a_while(
    bot: BotInside, capsys: Capture, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(smoke, "_LOCAL_START_SECONDS", 0.0)
    outputs = {"HttpUrl": url.format(bot=bot.url)}

    assert not smoke.smoke_test(DeployedBot.of(outputs, None, is_local=True), Console())
    assert len(capsys.readouterr().out.splitlines()) == 1
