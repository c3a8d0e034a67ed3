from pathlib import Path

from tests.conftest import StartBot
from tests.recipe_effects.talking import call, run_script

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

    file = tmp_path / "ana.jsonl"
    where = {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint, "DDB_TABLE": table}
    done = await run_script("scripts.user_data", "export", "ana", "--out", str(file), **where)
    assert done.returncode == 0, done.stderr
    assert PHONE in file.read_text("utf-8")
