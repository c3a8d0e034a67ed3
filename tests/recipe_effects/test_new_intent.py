from tests.conftest import StartBot
from tests.recipe_effects.talking import ask


async def test_a_question_about_a_parcel_gets_its_own_answer(start_bot: StartBot) -> None:
    bot = await start_bot()
    tracking = "https://tracking.example.com"
    assert tracking in (await ask(bot, "Where is my parcel?"))["full_text"]
    assert tracking in (await ask(bot, "Onde está minha encomenda?"))["full_text"]
    assert tracking not in (await ask(bot, "abracadabra"))["full_text"]
