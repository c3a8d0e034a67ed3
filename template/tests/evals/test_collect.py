"""`python -m evals.collect`, as a person uses it."""

import json
from pathlib import Path

import pytest

from evals import collect
from tests.support.tables import Tables

CASE = {"name": "a parcel (0123abcd)", "turns": [{"says": "Where is it?"}]}


@pytest.fixture
def file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dynamodb_endpoint: str, table: str
) -> Path:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_endpoint)
    monkeypatch.setenv("DDB_TABLE", table)
    monkeypatch.setattr(collect, "configure_logs", lambda level: None)
    return tmp_path / "conversations.jsonl"


def put(tables: Tables, table: str, line: str) -> None:
    names = {
        "partition_key": "EVAL_CASES",
        "sort_key": "CASE#msg_1",
        "chat_id": "chat_1",
        "message_id": "msg_1",
        "user_id": "ana",
        "line": line,
        "created_at": "2027-01-15T12:00:00.000000Z",
    }
    tables.put(table, {name: {"S": value} for name, value in names.items()})


def test_a_case_is_added_once_and_forgotten_when_told_to(
    file: Path, tables: Tables, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tables, table, json.dumps(CASE))
    assert collect.main(["--file", str(file)]) == 0
    assert "added: a parcel (0123abcd)" in capsys.readouterr().out
    assert len(tables.items(table)) == 1
    assert collect.main(["--file", str(file), "--forget"]) == 0
    assert capsys.readouterr().out.startswith("0 added")
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == [CASE]
    assert tables.items(table) == []


def test_what_is_no_case_changes_nothing_and_is_named(
    file: Path, tables: Tables, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tables, table, '{"name": "x"}')
    assert collect.main(["--file", str(file), "--forget"]) == 1
    assert "msg_1" in capsys.readouterr().err
    assert not file.exists()
    assert len(tables.items(table)) == 1
