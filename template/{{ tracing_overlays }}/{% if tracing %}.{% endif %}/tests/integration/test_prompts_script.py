"""The prompts of the file at Langfuse: what `python -m scripts.prompts` shows and sends."""

import uuid
from collections.abc import Iterator

import pytest

from app.core.service.llm.graph import prompts
from app.core.settings.tracing import PROMPT_FOLDER
from domain.prompt_text import file_prompts
from scripts.prompts import main
from tests.support.langfuse_fake import LangfuseFake, Mood

NAME = f"{PROMPT_FOLDER}/PLAIN_TASK"


@pytest.fixture
def langfuse(monkeypatch: pytest.MonkeyPatch) -> Iterator[LangfuseFake]:
    server = LangfuseFake()
    for prompt in file_prompts(vars(prompts)):
        monkeypatch.delattr(prompts, prompt.name)
    monkeypatch.setattr(prompts, "PLAIN_TASK", "Say {what} twice.", raising=False)
    monkeypatch.setenv("LANGFUSE_HOST", server.url)
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", f"pk-{uuid.uuid4().hex}")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk-secret")
    yield server
    server.close()


def test_new_prompts_are_in_use_at_once_and_pushed_once(
    langfuse: LangfuseFake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff"]) == 1
    assert main(["push"]) == 0
    assert main(["push"]) == 0
    assert main(["diff"]) == 0
    (version,) = langfuse.prompts[NAME]
    assert version["prompt"] == "Say {{what}} twice."
    assert version["labels"] == ["latest", "production"]
    assert "the file's text is in use" in capsys.readouterr().out


def test_what_somebody_edited_stays_in_use_until_the_files_text_is_promoted(
    langfuse: LangfuseFake, capsys: pytest.CaptureFixture[str]
) -> None:
    langfuse.publish(NAME, "Shout {{loudly}}.", "production")
    assert main(["diff"]) == 1
    out = capsys.readouterr().out
    assert "not used, it lacks the placeholder what" in out
    assert "-Say {{what}} twice." in out
    assert "+Shout {{loudly}}." in out
    main(["push"])
    main(["push"])
    assert [version["labels"] for version in langfuse.prompts[NAME]] == [["production"], ["latest"]]
    main(["push", "--promote"])
    assert langfuse.prompts[NAME][-1]["labels"] == ["latest", "production"]
    assert main(["diff"]) == 0


def test_langfuse_away_or_without_keys_is_told_in_one_line(
    langfuse: LangfuseFake,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    langfuse.mood = Mood.FAILING
    assert main(["push"]) == 1
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "")
    assert main(["push"]) == 1
    away, keyless = capsys.readouterr().err.splitlines()
    assert langfuse.url in away
    assert "LANGFUSE_SECRET_KEY" in keyless
