"""`nox -s template_update` of a bot: what it refuses, what it reports, and the way back."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from releases import DELETED_FILE, NEW, NEW_FILE, OLD, Repository, copy

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def made_bot(releases: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A bot of the older release, as committed by its owner."""
    bot = copy(releases, tmp_path_factory.mktemp("made") / "bot", OLD, {})
    bot.git("config", "user.name", "test")
    bot.git("config", "user.email", "test@localhost")
    return bot


@pytest.fixture
def bot(made_bot: Repository, tmp_path: Path) -> Repository:
    """That bot, for one test to change."""
    return Repository(shutil.copytree(made_bot.path, tmp_path / "bot"))


@pytest.fixture
def run(bot: Repository) -> Run:
    """Runs the script in the bot."""
    return lambda *arguments: run_in(bot, *arguments)


def run_in(bot: Repository, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "scripts.template_update", *arguments]
    return subprocess.run(command, cwd=bot.path, capture_output=True, text=True)


def tags(bot: Repository) -> list[str]:
    return bot.git("tag").split()


def recorded_source(bot: Repository, key: str, value: str) -> None:
    answers = bot.path / ".copier-answers.yml"
    text = re.sub(rf"^{key}:.*", f"{key}: {value}", answers.read_text("utf-8"), flags=re.M)
    answers.write_text(text, "utf-8")
    bot.commit()


def test_a_release_is_merged_and_committed(bot: Repository, run: Run) -> None:
    merged = run()

    assert merged.returncode == 0, merged.stderr
    assert f"Merged {OLD} -> {NEW}" in merged.stdout
    assert len(tags(bot)) == 1

    finished = run("--finish")

    assert finished.returncode == 0, finished.stderr
    assert bot.git("status", "--porcelain") == ""
    assert bot.git("log", "-1", "--format=%s").strip() == f"Update the template from {OLD} to {NEW}"
    assert NEW_FILE in bot.files()
    assert DELETED_FILE not in bot.files()
    assert tags(bot) == []


def test_the_newest_release_leaves_nothing_to_do(bot: Repository, run: Run) -> None:
    run()
    run("--finish")

    again = run()

    assert again.returncode == 0
    assert "Nothing to do" in again.stdout
    assert tags(bot) == []


def test_an_answer_can_be_changed_on_the_way(bot: Repository, run: Run) -> None:
    done = run("--data", "channels=[rest]")

    assert done.returncode == 0, done.stderr
    assert not (bot.path / "interface" / "websocket").exists()


def test_rollback_brings_everything_back(bot: Repository, run: Run) -> None:
    before = bot.files()
    head = bot.git("rev-parse", "HEAD")
    run()

    done = run("--rollback")

    assert done.returncode == 0, done.stderr
    assert bot.files() == before
    assert bot.git("rev-parse", "HEAD") == head
    assert bot.git("status", "--porcelain") == ""
    assert tags(bot) == []


def test_what_is_not_committed_is_not_touched(bot: Repository, run: Run) -> None:
    (bot.path / "notes.txt").write_text("mine", "utf-8")

    done = run()

    assert done.returncode != 0
    assert "changes that are not committed" in done.stderr
    assert tags(bot) == []


def test_a_conflict_is_named_and_must_be_settled_first(bot: Repository, run: Run) -> None:
    bot.replace("Dockerfile", "EXPOSE 8181", "EXPOSE 9191")
    bot.commit()

    merged = run()
    unsettled = run("--finish")

    assert merged.returncode != 0
    assert "Conflict in Dockerfile" in merged.stderr
    assert unsettled.returncode != 0
    assert "Conflict in Dockerfile" in unsettled.stderr

    text = (bot.path / "Dockerfile").read_text("utf-8")
    settled = re.sub(r"<{7}.*?\n(.*?)={7}\n.*?>{7}.*?\n", r"\1", text, flags=re.S)
    (bot.path / "Dockerfile").write_text(settled, "utf-8")

    assert run("--finish").returncode == 0
    assert "EXPOSE 9191" in bot.files()["Dockerfile"]


def test_changes_in_a_file_that_the_release_deletes_are_named(bot: Repository, run: Run) -> None:
    bot.replace(DELETED_FILE, "8000:8000", "8001:8000")
    bot.commit()

    done = run()

    assert done.returncode != 0
    assert f"The update deletes {DELETED_FILE}, which you had changed" in done.stderr


def test_a_change_to_a_file_the_owner_moved_is_named(bot: Repository, run: Run) -> None:
    bot.git("mv", "Dockerfile", "Containerfile")
    bot.commit()

    done = run()

    assert done.returncode != 0
    assert "The update changes Dockerfile, which you moved or deleted" in done.stderr
    assert (bot.path / "Containerfile").exists()


def test_an_answer_that_changes_by_itself_is_named(releases: Repository, tmp_path: Path) -> None:
    template = Repository(shutil.copytree(releases.path, tmp_path / "template"))
    template.replace("copier.yml", "    GitLab CI: gitlab\n", "")
    template.commit()
    template.git("tag", "v1.2.0")
    bot = copy(template, tmp_path / "bot", OLD, {"ci": "gitlab"})

    done = run_in(bot)

    assert done.returncode != 0
    assert "The answer ci changed by itself from gitlab to github" in done.stderr
    assert "--rollback" in done.stderr


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("_src_path", "../template", "is no git address"),
        ("_src_path", "file:///srv/template", "is no git address"),
        ("_src_path", "/nowhere/template", "is no git address"),
        ("_commit", "", "is no git repository"),
    ],
)
def test_a_source_that_cannot_be_updated_from_is_refused(
    bot: Repository, run: Run, key: str, value: str, words: str
) -> None:
    recorded_source(bot, key, value)

    done = run()

    assert done.returncode != 0
    assert words in done.stderr
    assert bot.git("status", "--porcelain") == ""
    assert tags(bot) == []


def test_a_release_that_does_not_exist_changes_nothing(bot: Repository, run: Run) -> None:
    done = run("--vcs-ref", "v9.9.9")

    assert done.returncode != 0
    assert bot.git("status", "--porcelain") == ""
    assert tags(bot) == []


def test_a_bot_made_from_a_mere_commit_follows_the_newest_commit(
    releases: Repository, bot: Repository, run: Run
) -> None:
    recorded_source(bot, "_commit", releases.git("rev-parse", OLD).strip())

    done = run()

    assert done.returncode == 0, done.stderr
    assert NEW_FILE in bot.files()
