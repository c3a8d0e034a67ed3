"""The command secrets: what goes into the secret, and that nobody sees it on the way."""

from pathlib import Path

import pytest

from scripts.deployment import texts
from scripts.deployment.secret_settings import SECRET_SETTINGS
from tests.deploy.cloud import Cloud

Capture = pytest.CaptureFixture[str]
KEY = "0123456789abcdef"


def test_a_file_sets_what_it_names_and_shows_no_value(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret(OPERATOR_API_KEYS="")
    file = cloud.write("settings.txt", f"# ours\nOPERATOR_API_KEYS={KEY}:joana\n")

    outcome = cloud.run(capsys, "secrets", "--from-file", str(file))

    assert cloud.secret()["OPERATOR_API_KEYS"] == f"{KEY}:joana"
    assert f"OPERATOR_API_KEYS: {texts.IS_SET}" in outcome.said
    assert KEY not in str(outcome)


def test_every_setting_is_in_a_new_secret(cloud: Cloud, capsys: Capture) -> None:
    file = cloud.write("settings.txt", f"OPERATOR_API_KEYS={KEY}:joana\n")

    cloud.run(capsys, "secrets", "--from-file", str(file))

    assert cloud.secret().keys() == {setting.name for setting in SECRET_SETTINGS}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("NOTHING=1", "OPERATOR_API_KEYS"),
        ("OPERATOR_API_KEYS", "1"),
        ("OPERATOR_API_KEYS=short:joana", "key:name"),
        (f"OPERATOR_API_KEYS={KEY}", "key:name"),
    ],
)
def test_a_wrong_line_of_a_file_changes_nothing(
    cloud: Cloud, capsys: Capture, line: str, message: str
) -> None:
    file = cloud.write("settings.txt", f"{line}\n")

    outcome = cloud.run(capsys, "secrets", "--from-file", str(file))

    assert message in outcome.error.replace("chave:nome", "key:name")
    assert cloud.secret() == {}


def test_generated_keys_are_added_and_written_to_a_new_file(
    cloud: Cloud, capsys: Capture, tmp_path: Path
) -> None:
    cloud.store_secret(OPERATOR_API_KEYS=f"{KEY}:joana")
    keys = tmp_path / "keys.txt"
    options = ["--generate", "OPERATOR_API_KEYS=maria", "--keys-file", str(keys)]

    outcome = cloud.run(capsys, "secrets", *options)
    again = cloud.run(capsys, "secrets", *options)

    new = keys.read_text("utf-8").strip().removeprefix("OPERATOR_API_KEYS=")
    assert cloud.secret()["OPERATOR_API_KEYS"] == f"{KEY}:joana,{new}"
    assert new.endswith(":maria")
    assert new not in str(outcome)
    assert str(keys) in again.error


def test_without_a_file_for_the_keys_none_is_generated(cloud: Cloud, capsys: Capture) -> None:
    outcome = cloud.run(capsys, "secrets", "--generate", "OPERATOR_API_KEYS=maria")

    assert texts.KEYS_FILE_NEEDED in outcome.error
    assert cloud.secret() == {}


def test_what_is_typed_is_stored_and_enter_keeps_what_was_there(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.store_secret(OPERATOR_API_KEYS=f"{KEY}:joana")
    typed = {"OPERATOR_API_KEYS": ["wrong", f"{KEY}:maria"]}
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(
        "getpass.getpass", lambda prompt: (typed.get(prompt.split()[0]) or [""]).pop(0)
    )
    before = cloud.secret()

    cloud.run(capsys, "secrets")

    assert cloud.secret() == {**before, "OPERATOR_API_KEYS": f"{KEY}:maria"}
