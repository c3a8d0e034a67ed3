from app.core.settings.core import DEFAULT_MODEL_ID
from tests.conftest import StartBot
from tests.recipe_effects.talking import ask, with_bedrock
from tests.support.bedrock_fake import BedrockFake, Reply

DECISION = {"intent": "other", "topic": "hello", "confidence": 0.9, "asks_for_human": False}


async def test_the_small_model_decides_and_the_large_one_answers(
    start_bot: StartBot, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(tool="IntentDecision", arguments=DECISION), Reply(text=("Hello!",)))
    bot = await start_bot(**with_bedrock(bedrock))
    assert (await ask(bot, "Hello"))["full_text"] == "Hello!"
    small, large = bedrock.model_ids()
    assert "haiku" in small
    assert large == DEFAULT_MODEL_ID
