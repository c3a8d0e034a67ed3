import os
import shutil
import tempfile
from pathlib import Path

import plumbum
import pytest

from drills.changes import CHANGES
from drills.edits import EDITS
from drills.ground import Ground
from drills.report import recorded, shortcomings, tables
from rendering import hasten_updates
from variants import ROOT

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of the run's own is made in it
# Bytes and files; a complete run needs about three quarters of that.
ROOM = 8 * 2**30
ROOM_FOR_FILES = 1_600_000
FOLDERS = "update-drills."
# Who commits, also where nobody is configured.
IDENTITY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in {"NAME": "drill", "EMAIL": "drill@localhost"}.items()
}

# Repositories that live for a second need no care: a tenth of an update's time.
CARELESS = {
    "core.fsync": "none",
    "core.looseCompression": "0",
    "gc.auto": "0",
    "init.templateDir": "",
    "maintenance.auto": "false",
    "pack.compression": "0",
}


def pytest_configure(config: pytest.Config) -> None:
    """Work in memory where there is some: an update writes three bots."""
    if not _is_worker(config):
        _delete_what_killed_runs_left()
        place = MEMORY if _has_room(MEMORY) else None
        prefix = f"{FOLDERS}{os.getpid()}."
        os.environ["UPDATE_DRILLS"] = tempfile.mkdtemp(prefix=prefix, dir=place)
    os.environ["TMPDIR"] = tempfile.tempdir = os.environ["UPDATE_DRILLS"]
    for environment in (os.environ, plumbum.local.env):
        environment.update({**IDENTITY, **_settings_of_git()})
    hasten_updates()


@pytest.fixture(scope="session")
def ground() -> Ground:
    """The releases and bots of this worker."""
    return Ground(Path(tempfile.mkdtemp()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a complete run whose pairs have too many conflicts, or too few near each other."""
    if not _is_worker(session.config) and _shortcomings():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables, and write them to the folder that UPDATE_DRILLS_REPORT names, or build/."""
    records = recorded(Path(os.environ["UPDATE_DRILLS"]))
    if not records:
        return
    folder = Path(os.environ.get("UPDATE_DRILLS_REPORT", ROOT / "build"))
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "update-drills.md"
    report.write_text(tables(records), "utf-8", newline="\n")
    terminalreporter.section("update drills")
    terminalreporter.write(tables(records))
    terminalreporter.write_line(f"\nWritten to {report}.")
    for shortcoming in _shortcomings():
        terminalreporter.write_line(shortcoming, red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the folder of the run."""
    if not _is_worker(config):
        shutil.rmtree(os.environ["UPDATE_DRILLS"], ignore_errors=True)


def _has_room(folder: Path) -> bool:
    """Tell whether a complete run fits; a file system can run out of files before it does of bytes."""
    if not folder.is_dir():
        return False
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize > ROOM and status.f_favail > ROOM_FOR_FILES


def _delete_what_killed_runs_left() -> None:
    """Delete the folders in MEMORY whose runs are no more: nobody else gives that memory back."""
    for folder in MEMORY.glob(f"{FOLDERS}*"):
        process = folder.name.removeprefix(FOLDERS).partition(".")[0]
        if not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _settings_of_git() -> dict[str, str]:
    """Return CARELESS as git reads it from the environment."""
    settings = {"GIT_CONFIG_COUNT": str(len(CARELESS))}
    for number, (key, value) in enumerate(CARELESS.items()):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return settings


def _shortcomings() -> list[str]:
    pairs = len(EDITS) * len(CHANGES)
    return shortcomings(recorded(Path(os.environ["UPDATE_DRILLS"])), pairs)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
