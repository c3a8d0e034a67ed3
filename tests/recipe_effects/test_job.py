from tests.conftest import StartBot
from tests.recipe_effects.talking import ask, run_script


async def test_it_tells_of_those_who_wait(
    start_bot: StartBot, dynamodb_endpoint: str, table: str
) -> None:
    where = {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint, "DDB_TABLE": table}
    bot = await start_bot()
    before = await run_script("scripts.waiting_chats", **where)
    chat = (await ask(bot, "I want to talk to a human, um atendente"))["chat_id"]
    await ask(bot, "Is anybody there?", chat_id=chat)
    after = await run_script("scripts.waiting_chats", **where)
    assert (before.returncode, before.stdout) == (0, "0 waiting\n")
    assert (after.returncode, after.stdout) == (1, "1 waiting\n")
