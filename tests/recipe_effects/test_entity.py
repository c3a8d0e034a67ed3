import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import StartBot
from tests.recipe_effects.talking import call
from tests.support.bots import BOT_FOLDER

PHONE = "+55 11 99999-0000"


async def test_a_call_is_kept_for_its_user_alone_and_exported(
    start_bot: StartBot, dynamodb_endpoint: str, table: str, tmp_path: Path
) -> None:
    bot = await start_bot()
    asked = await call(bot, "POST", "/callbacks", {"phone": PHONE}, user_id="ana")
    refused = await call(bot, "POST", "/callbacks", {"phone": "call me"}, user_id="ana")
    listed = (await call(bot, "GET", "/callbacks", user_id="ana")).json()
    of_another = (await call(bot, "GET", "/callbacks", user_id="bob")).json()
    await bot.stop()
    assert (asked.status_code, refused.status_code) == (201, 422)
    assert [callback["phone"] for callback in listed] == [PHONE]
    assert of_another == []

    out = tmp_path / "ana.jsonl"
    table_of_the_test = {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint, "DDB_TABLE": table}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.user_data", "export", "ana", "--out", str(out)],
        cwd=BOT_FOLDER,
        env={**os.environ, **table_of_the_test, "LOCAL_AWS": "false"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert PHONE in out.read_text("utf-8")
