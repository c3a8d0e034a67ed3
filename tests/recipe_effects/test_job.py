import os
import subprocess
import sys

from tests.conftest import StartBot
from tests.recipe_effects.talking import ask
from tests.support.bots import BOT_FOLDER


async def test_it_tells_of_those_who_wait(
    start_bot: StartBot, dynamodb_endpoint: str, table: str
) -> None:
    def run() -> tuple[int, str]:
        table_of_the_test = {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint, "DDB_TABLE": table}
        done = subprocess.run(
            [sys.executable, "-m", "scripts.waiting_chats"],
            cwd=BOT_FOLDER,
            env={**os.environ, **table_of_the_test, "LOCAL_AWS": "false"},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    bot = await start_bot()
    assert run() == (0, "0 waiting\n")
    chat = (await ask(bot, "I want to talk to a human, um atendente"))["chat_id"]
    await ask(bot, "Is anybody there?", chat_id=chat)
    assert run() == (1, "1 waiting\n")
