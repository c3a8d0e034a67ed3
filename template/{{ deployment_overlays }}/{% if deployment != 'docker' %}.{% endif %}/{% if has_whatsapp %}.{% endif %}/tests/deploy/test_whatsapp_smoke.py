"""The smoke test of the WhatsApp channel, with a running bot."""

import pytest

from scripts.deployment import texts
from scripts.deployment.console import Console
from scripts.deployment.deployed_bot import DeployedBot
from scripts.deployment.smoke import run_checks
from scripts.deployment.whatsapp_smoke import CHECKS
from tests.support.bots import BotsInside


@pytest.mark.parametrize(("path", "passes"), [("/webhook/whatsapp", True), ("/health", False)])
def test_a_bot_passes_if_it_refuses_what_nobody_signed(
    bots: BotsInside, capsys: pytest.CaptureFixture[str], path: str, passes: bool
) -> None:
    bot = bots(LLM_PROVIDER="offline", WHATSAPP_APP_SECRET="a-secret")
    deployed = DeployedBot.of({"WebhookUrl": bot.url + path}, None, is_local=True)

    assert run_checks(CHECKS, deployed, Console()) is passes
    assert (texts.CHECK_FAILED in capsys.readouterr().out) is not passes
