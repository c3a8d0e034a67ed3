from app.core.service.llm.graph.prompts import FAQ_GUIDANCE, SALES_GUIDANCE
from tests.conftest import StartBot
from tests.recipe_effects.talking import ask, prompt_of, with_bedrock
from tests.support.bedrock_fake import BedrockFake, Reply


async def test_each_kind_of_question_has_its_guidance(
    start_bot: StartBot, bedrock: BedrockFake
) -> None:
    bot = await start_bot(**with_bedrock(bedrock))
    guidance = {"faq": FAQ_GUIDANCE, "sales": SALES_GUIDANCE, "other": ""}
    for intent in guidance:
        decision = Reply(tool="IntentDecision", arguments={"intent": intent})
        bedrock.will(decision, Reply(text=("Done.",)))
        assert (await ask(bot, "Hello"))["full_text"] == "Done."
    prompts = [prompt_of(body) for body in bedrock.bodies()[1::2]]
    assert [FAQ_GUIDANCE in prompt for prompt in prompts] == [True, False, False]
    assert [SALES_GUIDANCE in prompt for prompt in prompts] == [False, True, False]
