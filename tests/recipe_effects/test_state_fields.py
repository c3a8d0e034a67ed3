from tests.conftest import StartBot
from tests.recipe_effects.talking import ask, prompt_of, with_bedrock
from tests.support.bedrock_fake import BedrockFake


async def test_who_is_upset_gets_an_apology(start_bot: StartBot, bedrock: BedrockFake) -> None:
    bot = await start_bot(**with_bedrock(bedrock))
    for question in ("This is unacceptable!", "Hello"):
        await ask(bot, question)
    upset, calm = map(prompt_of, bedrock.bodies())
    assert "apologise" in upset
    assert "apologise" not in calm
