from tests.conftest import StartBot
from tests.recipe_effects.talking import call


async def test_it_answers_with_the_setting(start_bot: StartBot) -> None:
    bot = await start_bot()
    answer = await call(bot, "GET", "/opening-hours")
    assert (answer.status_code, answer.json()) == (200, {"weekdays": "08:30-17:30"})
