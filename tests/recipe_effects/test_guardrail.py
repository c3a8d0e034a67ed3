from tests.conftest import StartBot
from tests.recipe_effects.talking import ask, with_bedrock
from tests.support.bedrock_fake import BedrockFake


async def test_every_call_names_it(start_bot: StartBot, bedrock: BedrockFake) -> None:
    bot = await start_bot(**with_bedrock(bedrock))
    await ask(bot, "Hello")
    guardrail = bedrock.bodies()[0]["guardrailConfig"]
    assert guardrail["guardrailIdentifier"] == "gr4rdr41l123"
    assert guardrail["guardrailVersion"] == "3"
