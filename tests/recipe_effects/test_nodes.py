from tests.conftest import StartBot
from tests.recipe_effects.talking import ask, call, last_said, with_bedrock
from tests.support.bedrock_fake import BedrockFake


async def test_the_model_has_the_prices_and_the_chat_keeps_what_was_said(
    start_bot: StartBot, bedrock: BedrockFake
) -> None:
    bot = await start_bot(**with_bedrock(bedrock))
    question = "What does it cost to adjust a brake?"
    answer = await ask(bot, question)
    await ask(bot, "Hello")
    with_prices, without = map(last_said, bedrock.bodies())
    assert "$25" in with_prices
    assert "$" not in without
    path = f"/api/chats/{answer['chat_id']}/messages"
    kept = (await call(bot, "GET", path, user_id="ana")).json()["items"]
    assert [message["content"] for message in kept] == [question, answer["full_text"]]
