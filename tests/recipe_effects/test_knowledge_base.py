from tests.conftest import StartBot
from tests.recipe_effects.json_server import json_server
from tests.recipe_effects.talking import ask

PASSAGE = "We deliver on foot, within the hour."
FOUND = {"retrievalResults": [{"content": {"text": PASSAGE, "type": "TEXT"}, "score": 0.7}]}
# Its key is refused by nobody: botocore wants one to sign with.
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


async def test_the_answer_rests_on_the_passages_that_are_found(start_bot: StartBot) -> None:
    with json_server({"/knowledgebases/KB12345678/retrieve": FOUND}) as base:
        bot = await start_bot(**KEYS, AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME=base.url)
        answer = await ask(bot, "Do you deliver? Entrega?")
    assert PASSAGE in answer["full_text"]
    ((asked),) = base.bodies
    assert "deliver" in asked["retrievalQuery"]["text"]
