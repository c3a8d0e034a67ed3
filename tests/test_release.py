"""Releases as bundles: what is in one, what is refused, and what the next ones build upon."""

import subprocess
import sys
from pathlib import Path

import pytest

from releases import NEXT, Repository, past_releases
from tools import release
from tools.release import ReleaseError, cut, past_versions, restore, tag

CHANGELOG = """# Changelog

## 1.1.0

### Upgrading

Nothing to do.

## 1.0.0

### Upgrading

Nothing to upgrade from.

## 0.9.0

### Added

- Something.
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A small template in a repository of its own, which the tool then works on."""
    root = tmp_path / "checkout"
    (root / "template").mkdir(parents=True)
    (root / "tests").mkdir()
    files = {
        "CHANGELOG.md": CHANGELOG,
        "copier.yml": "_subdirectory: template\n",
        "template/main.py": "print()\n" * 500,
        "README.md": "Not a part of bots.\n",
        ".gitignore": "__pycache__/\n",
    }
    for name, text in files.items():
        (root / name).write_text(text, "utf-8", newline="\n")
    monkeypatch.setattr(release, "ROOT", root)
    monkeypatch.setattr(release, "BUNDLES", root / "tests" / "releases")
    repository = Repository(root)
    repository.git("init", "--quiet")
    repository.commit()
    return repository


def names(repository: release.ReleaseRepository, version: str) -> list[str]:
    return repository.git("ls-tree", "-r", "--name-only", tag(version)).split()


def test_a_release_has_what_bots_are_made_from(checkout: Repository, tmp_path: Path) -> None:
    (checkout.path / "template" / "new.py").write_text("", "utf-8")
    (checkout.path / "template" / "__pycache__").mkdir()
    (checkout.path / "template" / "__pycache__" / "new.pyc").write_text("", "utf-8")

    cut("1.0.0", None, tmp_path / "work")

    found = names(restore(tmp_path / "restored"), "1.0.0")
    assert found == ["CHANGELOG.md", "copier.yml", "template/main.py", "template/new.py"]
    assert checkout.git("status", "--porcelain").split() == [
        "??",
        "template/new.py",
        "??",
        "tests/",
    ]


def test_a_release_can_be_cut_from_a_commit(checkout: Repository, tmp_path: Path) -> None:
    (checkout.path / "template" / "new.py").write_text("", "utf-8")

    cut("1.0.0", "HEAD", tmp_path / "work")

    assert "template/new.py" not in names(restore(tmp_path / "restored"), "1.0.0")


def test_the_same_files_give_the_same_release(checkout: Repository, tmp_path: Path) -> None:
    commits = set()
    for folder in ("one", "two"):
        bundle = cut("1.0.0", None, tmp_path / folder)
        commits.add(restore(tmp_path / f"{folder}-restored").git("rev-parse", tag("1.0.0")))
        bundle.unlink()

    assert len(commits) == 1


def test_the_next_release_holds_only_what_changed(checkout: Repository, tmp_path: Path) -> None:
    first = cut("1.0.0", None, tmp_path / "first")
    (checkout.path / "template" / "new.py").write_text("# New.\n", "utf-8")
    second = cut("1.1.0", None, tmp_path / "second")

    restored = restore(tmp_path / "restored")
    assert past_versions() == ["1.0.0", "1.1.0"]
    assert restored.git("rev-parse", f"{tag('1.1.0')}~") == restored.git("rev-parse", tag("1.0.0"))
    assert "template/new.py" in names(restored, "1.1.0")
    first.unlink()
    with pytest.raises(ReleaseError, match=r"git fetch: .*(lacks|prerequisite)"):
        restore(tmp_path / "without-the-first")
    assert second.exists()


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.0.0", "There is a release 1.0.0 already"),
        ("0.9.0", "0.9.0 is not newer than 1.0.0"),
        ("1.2.0", "has no heading `## 1.2.0`"),
        ("latest", "latest is no version"),
    ],
)
def test_what_is_no_next_version_is_refused(
    checkout: Repository, tmp_path: Path, version: str, words: str
) -> None:
    before = cut("1.0.0", None, tmp_path / "first").read_bytes()

    with pytest.raises(ReleaseError, match=words):
        cut(version, None, tmp_path / "second")

    assert [path.read_bytes() for path in release.BUNDLES.iterdir()] == [before]


def test_a_release_without_a_word_on_upgrading_is_refused(
    checkout: Repository, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseError, match=r"has no part `### Upgrading` in 0\.9\.0"):
        cut("0.9.0", None, tmp_path / "work")


def test_past_releases_work_in_a_shallow_clone_without_tags(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    source = ["--no-tags", "--depth=1", f"file://{release.ROOT}"]
    subprocess.run(["git", "clone", "--quiet", *source, str(clone)], check=True)
    command = "import sys; from pathlib import Path; from tools.release import restore; print(restore(Path(sys.argv[1])).git('tag'))"
    done = subprocess.run(
        [sys.executable, "-c", command, str(tmp_path / "restored")],
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [tag(version) for version in past_versions()]


def test_the_working_copy_is_the_next_release(checkout: Repository, tmp_path: Path) -> None:
    cut("1.0.0", None, tmp_path / "first")
    (checkout.path / "template" / "main.py").write_text("print('not committed')\n", "utf-8")

    releases = past_releases(tmp_path / "releases")

    assert releases.git("tag").split() == ["v1.0.0", tag(NEXT)]
    assert releases.git("show", f"{tag(NEXT)}:template/main.py") == "print('not committed')\n"
    assert releases.git("status", "--porcelain") == ""
