"""What main publishes once its CI is green: a tag and a release from the changelog, or a refusal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from releases import Repository
from tools import release
from tools.publish import Publication, main, next_publication, publish
from tools.release import ReleaseError, cut

NOTES = "### Added\n\n- Something.\n\n### Upgrading\n\nNothing to do."
OLDER = f"## 1.0.0\n\n{NOTES}\n"
# What stands for GitHub's command line: it notes what it is told, and refuses if it finds a reason.
GH = f"""\
#!{sys.executable}
import json, os, pathlib, sys
heard = [*sys.argv[1:], sys.stdin.read()]
pathlib.Path(os.environ["GH_HEARD"]).write_text(json.dumps(heard))
sys.exit(os.environ.get("GH_REFUSES"))
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A small template in a repository of its own, with a released version 1.0.0."""
    root = tmp_path / "checkout"
    (root / "template").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "copier.yml").write_text("_subdirectory: template\n", "utf-8")
    (root / "template" / "main.py").write_text("print()\n", "utf-8")
    (root / "CHANGELOG.md").write_text(f"# Changelog\n\n{OLDER}", "utf-8")
    monkeypatch.setattr(release, "ROOT", root)
    monkeypatch.setattr(release, "BUNDLES", root / "tests" / "releases")
    repository = Repository(root)
    repository.git("init", "--quiet")
    repository.commit()
    cut("1.0.0", None, tmp_path / "work")
    repository.commit()
    repository.git("tag", "v1.0.0")
    return repository


@pytest.fixture
def heard_by_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which GitHub's command line notes what it is told."""
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH, "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GH_HEARD", str(tmp_path / "heard.json"))
    return tmp_path / "heard.json"


def write_changelog(checkout: Repository, heading: str, notes: str = NOTES) -> None:
    text = f"# Changelog\n\n## {heading}\n\n{notes}\n\n{OLDER}"
    (checkout.path / "CHANGELOG.md").write_text(text, "utf-8", newline="\n")
    checkout.commit()


def cut_and_commit(checkout: Repository, version: str) -> None:
    cut(version, None, checkout.path.parent / f"cut-{version}")
    checkout.commit()


def test_a_new_version_is_published_with_its_text(checkout: Repository) -> None:
    write_changelog(checkout, "1.1.0")
    cut_and_commit(checkout, "1.1.0")

    publication = next_publication()

    assert publication is not None
    assert publication.tag == "v1.1.0"
    assert publication.commit == checkout.git("rev-parse", "HEAD").strip()
    assert publication.notes == f"{NOTES}\n"


@pytest.mark.parametrize("heading", ["1.0.0", "Unreleased"])
def test_what_is_tagged_or_has_no_version_yet_is_left_alone(
    heading: str, checkout: Repository
) -> None:
    if heading != "1.0.0":
        write_changelog(checkout, heading)

    assert next_publication() is None


def test_tags_of_another_form_do_not_count(checkout: Repository) -> None:
    checkout.git("tag", "vNext")

    assert next_publication() is None


@pytest.mark.parametrize(
    ("heading", "notes", "words"),
    [
        ("0.9.0", NOTES, "0.9.0, .* is not above v1.0.0"),
        ("1.0.0rc1", NOTES, "is not above v1.0.0"),
        ("latest", NOTES, "name a version there"),
        ("v1.1.0", NOTES, "Write `## 1.1.0`"),
        ("1.1.0", NOTES, r"no 1\.1\.0\.bundle: run nox -s release -- 1\.1\.0"),
        ("1.1.0", "### Added\n\n- Something.", "has no part `### Upgrading` in 1.1.0"),
    ],
)
def test_what_will_not_do_is_refused_with_what_to_do(
    heading: str, notes: str, words: str, checkout: Repository
) -> None:
    write_changelog(checkout, heading, notes)

    with pytest.raises(ReleaseError, match=words):
        next_publication()


def test_a_bundle_of_other_files_is_refused(checkout: Repository) -> None:
    write_changelog(checkout, "1.1.0")
    cut_and_commit(checkout, "1.1.0")
    checkout.replace("template/main.py", "print()", "print(1)")
    checkout.commit()

    with pytest.raises(ReleaseError, match=r"changed since tests/releases/1\.1\.0\.bundle"):
        next_publication()


def test_a_clone_that_may_lack_tags_is_refused(
    checkout: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shallow = ["--depth=1", checkout.path.as_uri(), str(tmp_path / "shallow")]
    subprocess.run(["git", "clone", "--quiet", *shallow], check=True)
    monkeypatch.setattr(release, "ROOT", tmp_path / "shallow")

    with pytest.raises(ReleaseError, match="may lack tags"):
        next_publication()


def test_github_makes_the_tag_and_the_release_of_that_very_commit(
    checkout: Repository, heard_by_github: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_changelog(checkout, "1.1.0")
    cut_and_commit(checkout, "1.1.0")
    monkeypatch.setattr(sys, "argv", ["publish", "--dry-run"])
    main()
    assert not heard_by_github.exists()

    monkeypatch.setattr(sys, "argv", ["publish"])
    main()

    commit = checkout.git("rev-parse", "HEAD").strip()
    made = ["release", "create", "v1.1.0", "--target", commit, "--title", "v1.1.0"]
    assert json.loads(heard_by_github.read_text("utf-8")) == [
        *made,
        "--notes-file",
        "-",
        f"{NOTES}\n",
    ]


def test_a_release_candidate_is_no_latest_release(heard_by_github: Path) -> None:
    publish(Publication(Version("1.1.0rc1"), "0" * 40, NOTES))

    assert "--prerelease" in json.loads(heard_by_github.read_text("utf-8"))


def test_a_refusal_of_github_is_told(
    heard_by_github: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_REFUSES", "HTTP 403: Resource not accessible by integration")

    with pytest.raises(ReleaseError, match="gh release create: HTTP 403"):
        publish(Publication(Version("1.1.0"), "0" * 40, NOTES))
