from tests.conftest import StartBot
from tests.recipe_effects.talking import ask, prompt_of, with_bedrock
from tests.support.bedrock_fake import BedrockFake


async def test_the_model_is_told_what_it_is(start_bot: StartBot, bedrock: BedrockFake) -> None:
    bot = await start_bot(**with_bedrock(bedrock))
    await ask(bot, "Hello")
    prompt = prompt_of(bedrock.bodies()[0])
    assert prompt.startswith("You are the assistant of a bicycle workshop.")
