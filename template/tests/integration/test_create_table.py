import runpy
import sys
import uuid
from pathlib import Path

import pytest

from tests.support.bot_folder import BOT_FOLDER
from tests.support.tables import Tables


@pytest.fixture
def script(
    dynamodb_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """The environment of the script; it is run as `python scripts/create_table.py` runs it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("USE_DYNAMODB_LOCAL", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_endpoint)
    return monkeypatch


def run() -> None:
    runpy.run_path(str(BOT_FOLDER / "scripts" / "create_table.py"), run_name="__main__")


def test_the_table_is_created_once_with_its_keys_expiry_and_recovery(
    script: pytest.MonkeyPatch, tables: Tables, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"test-{uuid.uuid4().hex}"
    script.setenv("DDB_TABLE", name)
    run()
    first = capsys.readouterr().out.splitlines()
    run()
    second = capsys.readouterr().out.splitlines()

    assert first[0] == f"table {name}: created"
    assert second[0] == f"table {name}: exists"
    assert len(first) == len(second) == 3
    description = tables.describe(name)
    assert description.keys == {"partition_key": "HASH", "sort_key": "RANGE"}
    assert description.billing == "PAY_PER_REQUEST"
    assert description.expires_by == "expires_at"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DDB_TABLE", "no such name!"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ],
)
def test_a_table_that_cannot_be_created_is_one_line_and_a_failure(
    name: str, value: str, script: pytest.MonkeyPatch
) -> None:
    script.setenv(name, value)
    with pytest.raises(SystemExit) as ending:
        run()
    # A text is printed to standard error, and the process exits with 1.
    assert isinstance(ending.value.code, str)
    assert ending.value.code.startswith("The table was not created: ")
    assert "\n" not in ending.value.code
