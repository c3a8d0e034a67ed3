from tests.conftest import StartBot
from tests.recipe_effects.talking import call


async def test_the_bot_uses_it(start_bot: StartBot) -> None:
    bot = await start_bot()
    christmas = (await call(bot, "GET", "/holidays/2026-12-25")).json()
    workday = (await call(bot, "GET", "/holidays/2026-12-22")).json()
    assert "Natal" in christmas["holiday"]
    assert workday == {"holiday": None}
