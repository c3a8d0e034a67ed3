"""`nox -s template_update` of a bot: what it refuses, what it reports, and the way back."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from releases import DELETED_FILE, NEW, NEW_FILE, OLD, Repository, copy
from variants import ROOT

pytestmark = pytest.mark.usefixtures("fast_updates")

NOTE = "Set `GREETING` before you deploy."
PICTURE = "logo.png"
QUESTION = """
greeting:
  type: str
  default: Oi
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How the command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture(scope="session")
def command() -> Callable[[list[str]], int]:
    """The script's entry point, imported once: the bots of this checkout have it as it is here."""
    sys.path.insert(0, str(ROOT / "template"))
    try:
        from scripts.template_update.command import main
    finally:
        sys.path.remove(str(ROOT / "template"))
    entry: Callable[[list[str]], int] = main
    return entry


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
def run_in(
    command: Callable[[list[str]], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs the script in a folder, in this process."""

    def run(folder: Path, *arguments: str) -> Done:
        monkeypatch.chdir(folder)
        capsys.readouterr()
        code = command(list(arguments))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


@pytest.fixture
def run(bot: Repository, run_in: Run) -> Run:
    """Runs the script in the bot."""
    return lambda *arguments: run_in(bot.path, *arguments)


def run_apart(bot: Repository, *arguments: str, **env: str) -> Done:
    """Run the script as nox does."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.template_update", *arguments],
        cwd=bot.path,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def everything(folder: Path) -> dict[str, bytes]:
    """Return the content of every file of a repository, git's own included."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        # git notes there when it last looked at the files.
        if path.is_file() and path.name != "index"
    }


def tags(bot: Repository) -> list[str]:
    return bot.git("tag").split()


def recorded_source(bot: Repository, key: str, value: str) -> None:
    answers = bot.path / ".copier-answers.yml"
    text = re.sub(rf"^{key}:.*", f"{key}: {value}", answers.read_text("utf-8"), flags=re.M)
    answers.write_text(text, "utf-8")
    bot.commit()


def test_a_release_is_merged_and_committed(bot: Repository) -> None:
    merged = run_apart(bot)

    assert merged.returncode == 0, merged.stderr
    assert f"Merged {OLD} -> {NEW}" in merged.stdout
    assert len(tags(bot)) == 1

    finished = run_apart(bot, "--finish")

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
    assert "changes that are not committed: notes.txt. Commit them first" in done.stderr
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


def test_a_picture_that_the_release_and_the_owner_changed_is_named(
    releases: Repository, tmp_path: Path, run_in: Run
) -> None:
    template = Repository(shutil.copytree(releases.path, tmp_path / "template"))
    release_picture(template, "v1.2.0", b"\x00theirs")
    bot = owned(copy(template, tmp_path / "bot", "v1.2.0", {}))
    (bot.path / PICTURE).write_bytes(b"\x00mine")
    bot.commit()
    release_picture(template, "v1.3.0", b"\x00theirs, again")

    done = run_in(bot.path, "--no-checks")

    assert done.returncode != 0
    assert f"The update replaces {PICTURE}, which you had changed" in done.stderr
    assert f'git checkout HEAD -- "{PICTURE}"' in done.stderr
    assert bot.git("status", "--porcelain", PICTURE) != ""


def release_picture(template: Repository, version: str, content: bytes) -> None:
    (template.path / "template" / PICTURE).write_bytes(content)
    template.commit()
    template.git("tag", version)


def next_release(releases: Repository, folder: Path, name: str, old: str, new: str) -> Repository:
    """Copy the template to a folder and release v1.2.0, in which one text is another."""
    template = Repository(shutil.copytree(releases.path, folder))
    template.replace(name, old, new)
    template.commit()
    template.git("tag", "v1.2.0")
    return template


def owned(bot: Repository) -> Repository:
    bot.git("config", "user.name", "test")
    bot.git("config", "user.email", "test@localhost")
    return bot


def test_an_answer_that_changes_by_itself_is_named(
    releases: Repository, tmp_path: Path, run_in: Run
) -> None:
    # A question that is not asked any more, so that its default holds whatever was answered.
    template = next_release(
        releases, tmp_path / "template", "copier.yml", "\nci:\n", "\nci:\n  when: false\n"
    )
    bot = owned(copy(template, tmp_path / "bot", OLD, {"ci": "gitlab"}))

    done = run_in(bot.path)

    assert done.returncode == 1
    assert "The answer ci changed by itself from gitlab to nothing" in done.stderr
    assert "--rollback" in done.stderr


def test_an_answer_that_the_release_no_longer_accepts_stops_the_update(
    releases: Repository, tmp_path: Path, run_in: Run
) -> None:
    template = next_release(
        releases, tmp_path / "template", "copier.yml", "    GitLab CI: gitlab\n", ""
    )
    bot = owned(copy(template, tmp_path / "bot", OLD, {"ci": "gitlab"}))

    refused = run_in(bot.path)

    assert refused.returncode == 1
    assert "The answer ci is gitlab" in refused.stderr
    assert "['github', 'none']" in refused.stderr
    assert bot.git("status", "--porcelain") == ""
    assert tags(bot) == []

    assert run_in(bot.path, "--data", "ci=github").returncode == 0


def test_a_new_question_its_default_and_the_upgrade_notes_are_told(
    releases: Repository, tmp_path: Path, run_in: Run
) -> None:
    template = next_release(
        releases, tmp_path / "template", "copier.yml", "\nci:\n", f"{QUESTION}\nci:\n"
    )
    changelog = template.path / "CHANGELOG.md"
    heading = "## 9.0.0\n\n### Upgrading\n\n" + NOTE + "\n\n## "
    changelog.write_text(changelog.read_text("utf-8").replace("## ", heading, 1), "utf-8")
    template.commit()
    template.git("tag", "v1.3.0")
    bot = owned(copy(template, tmp_path / "bot", OLD, {}))
    file = tmp_path / "summary.md"

    done = run_in(bot.path, "--dry-run", "--summary", str(file))

    assert done.returncode == 0
    for text in (done.stdout, file.read_text("utf-8")):
        assert f"# Template {OLD} -> v1.3.0" in text
        assert "greeting is new: Oi" in text
        assert f"## Upgrading to 9.0.0\n\n{NOTE}\n" in text
        assert "## 1.0.0" not in text
        assert f"`{NEW_FILE}`" in text
        assert f"`{DELETED_FILE}`" in text


def test_a_dry_run_changes_nothing_and_tells_what_the_update_then_does(
    bot: Repository, run: Run
) -> None:
    bot.replace("Dockerfile", "EXPOSE 8181", "EXPOSE 9191")
    bot.replace(DELETED_FILE, "8000:8000", "8001:8000")
    bot.commit()
    before = everything(bot.path)

    tried = run("--dry-run")

    assert everything(bot.path) == before

    merged = run()

    assert tried.returncode == merged.returncode == 1
    assert tried.stderr.strip() in merged.stderr
    assert tried.stderr.count("\n") == 2
    assert tried.stdout.partition("\nThis was")[0] == merged.stdout.partition("\nMerged")[0]


def test_a_dry_run_looks_at_the_last_commit(bot: Repository, run: Run) -> None:
    bot.replace("Dockerfile", "EXPOSE 8181", "EXPOSE 9191")

    done = run("--dry-run")

    assert done.returncode == 0, done.stderr
    assert "not committed are no part of it" in done.stdout


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("graph_preset", "no_such", "'basic', 'intent_routing'"),
        ("channels", "[rest, fax]", "'websocket', 'rest', 'whatsapp'"),
        ("aws_region", "Mars", "us-east-1 or sa-east-1"),
        ("tracing", "perhaps", "true"),
    ],
)
def test_a_recorded_answer_that_is_none_stops_the_update(
    bot: Repository, run: Run, key: str, value: str, words: str
) -> None:
    answers = bot.path / ".copier-answers.yml"
    text = re.sub(rf"^{key}:.*(\n- .*)*", f"{key}: {value}", answers.read_text("utf-8"), flags=re.M)
    answers.write_text(text, "utf-8")
    bot.commit()

    done = run()

    assert done.returncode == 1
    assert f"The answer {key} is {value}, which" in done.stderr
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert bot.git("status", "--porcelain") == ""
    assert tags(bot) == []


def test_answers_that_are_unknown_or_missing_are_told_and_stop_nothing(
    bot: Repository, run: Run
) -> None:
    answers = bot.path / ".copier-answers.yml"
    text = answers.read_text("utf-8").replace("ci: github\n", "colour: green\n")
    answers.write_text(text, "utf-8")
    bot.commit()

    done = run()

    assert done.returncode == 0, done.stderr
    assert "ci is new: github" in done.stdout
    assert "colour is no longer a question; its answer was green" in done.stdout


def test_what_the_owner_made_of_files_stays(bot: Repository, run: Run) -> None:
    changed = "app/core/service/chat/chat_service.py"
    (bot.path / changed).chmod(0o755)
    (bot.path / "docs" / "meu logotipo ção.png").write_bytes(bytes(range(256)))
    (bot.path / ".env").write_text("KEY=1", "utf-8")
    bot.replace("Dockerfile", "# ", "# Ação\n# ")
    bot.commit()

    done = run()

    assert done.returncode == 0, done.stderr
    assert '"""The only way' in (bot.path / changed).read_text("utf-8")
    assert os.name == "nt" or (bot.path / changed).stat().st_mode & 0o100
    assert (bot.path / "docs" / "meu logotipo ção.png").read_bytes() == bytes(range(256))
    assert "# Ação" in (bot.path / "Dockerfile").read_text("utf-8")
    assert "EXPOSE 8181/tcp" in (bot.path / "Dockerfile").read_text("utf-8")

    assert run("--rollback").returncode == 0
    assert (bot.path / ".env").read_text("utf-8") == "KEY=1"


def test_a_change_to_a_moved_file_is_shown(bot: Repository, run: Run) -> None:
    bot.git("mv", "Dockerfile", "My Containerfile")
    bot.commit()

    done = run("--dry-run")

    assert "## Not merged: Dockerfile" in done.stdout
    assert "-EXPOSE 8181\n+EXPOSE 8181/tcp\n" in done.stdout


def test_line_ends_of_windows_are_no_changes(bot: Repository, run: Run) -> None:
    (bot.path / ".gitattributes").unlink(missing_ok=True)
    bot.git("config", "core.autocrlf", "true")
    bot.commit()
    names = bot.git("ls-files", "-z").split("\0")
    for name in filter(None, names):
        (bot.path / name).unlink()
    bot.git("checkout", "--", ".")
    assert b"\r\n" in (bot.path / DELETED_FILE).read_bytes()

    done = run()

    assert done.returncode == 0, done.stderr
    changed = bot.git("diff", "--name-only", "HEAD").split()
    assert len(changed) == 5


def test_an_interrupted_update_can_only_be_rolled_back(bot: Repository, run: Run) -> None:
    run()
    state = bot.path / ".git" / "template-update.json"
    backup = json.loads(state.read_text("utf-8"))
    state.write_text(json.dumps({**backup, "new": "", "created": []}), "utf-8")

    assert "An update is under way" in run().stderr
    assert "An update is under way" in run("--dry-run").stderr
    assert "interrupted" in run("--finish").stderr

    back = run("--rollback")

    assert back.returncode == 0, back.stderr
    assert NEW_FILE in back.stdout
    assert bot.git("status", "--porcelain").split() == ["??", NEW_FILE]


def test_a_commit_made_since_is_not_rolled_back(bot: Repository, run: Run) -> None:
    run()
    bot.commit()

    done = run("--rollback")

    assert done.returncode == 1
    assert "There is a newer commit" in done.stderr
    assert NEW_FILE in bot.files()
    assert run("--finish").returncode == 0


def test_what_could_not_be_merged_must_be_settled_first(bot: Repository, run: Run) -> None:
    run()
    (bot.path / "Dockerfile.rej").write_text("+EXPOSE 1\n", "utf-8")

    done = run("--finish")

    assert done.returncode == 1
    assert "Conflict in Dockerfile.rej" in done.stderr


def test_one_of_two_runs_at_the_same_time_stops(bot: Repository) -> None:
    command = [sys.executable, "-m", "scripts.template_update"]
    runs = [
        subprocess.Popen(command, cwd=bot.path, stdout=-1, stderr=-1, text=True) for _ in range(2)
    ]
    said = [run.communicate(timeout=120)[1] for run in runs]

    assert sorted(run.returncode for run in runs) == [0, 1]
    assert "An update is under way" in "".join(said)
    assert len(tags(bot)) == 1


def test_without_copier_it_says_how_to_run_it(bot: Repository) -> None:
    # -S hides what is installed.
    done = subprocess.run(
        [sys.executable, "-S", "-m", "scripts.template_update"],
        cwd=bot.path,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert done.stderr == "Copier is missing here. Run: uv run nox -s template_update\n"


def test_a_git_that_does_not_know_who_commits_is_told(bot: Repository) -> None:
    bot.git("config", "--unset", "user.name")
    bot.git("config", "--unset", "user.email")

    done = run_apart(
        bot, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1", EMAIL="", HOME=str(bot.path)
    )

    assert done.returncode == 1
    assert "git config user.name" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_bot_within_a_larger_repository_is_refused(
    bot: Repository, run_in: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    shutil.rmtree(bot.path / ".git")
    larger = Repository(tmp_path)
    larger.git("init", "--quiet")
    larger.commit()

    done = run_in(bot.path, *arguments)

    assert done.returncode == 1
    assert "a repository of its own" in done.stderr
    assert larger.git("status", "--porcelain") == ""


def test_no_branch_is_needed(bot: Repository, run: Run) -> None:
    bot.git("checkout", "--quiet", "--detach")

    assert run("--dry-run").returncode == 0
    assert run().returncode == 0


def test_a_template_that_cannot_be_reached_changes_nothing(bot: Repository, run: Run) -> None:
    recorded_source(bot, "_src_path", "https://127.0.0.1:9/template.git")

    done = run()

    assert done.returncode == 1
    assert "cannot be reached, so nothing was changed" in done.stderr
    assert bot.git("status", "--porcelain") == ""
    assert tags(bot) == []


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
