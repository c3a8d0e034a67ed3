from tests.conftest import StartBot
from tests.recipe_effects.talking import ask


async def test_the_fourth_question_of_the_day_is_refused_to_that_user_alone(
    start_bot: StartBot,
) -> None:
    bot = await start_bot()
    answers = [await ask(bot, "Hello", "ana") for _ in range(4)]
    another = await ask(bot, "Hello", "bob")
    assert ["full_text" in answer for answer in answers] == [True, True, True, False]
    assert answers[3]["code"] == "user_budget_spent"
    assert another["full_text"]
