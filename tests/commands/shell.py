"""Somebody at a terminal who types the commands of the pages."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LIMIT_SECONDS = 300
_HIDDEN = ("PYTHONPATH", "VIRTUAL_ENV", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER")


@dataclass(slots=True)
class Shell:
    """Types in a folder; `replaced` is what stands on this machine for a word of a page."""

    folder: Path
    environment: dict[str, str]
    replaced: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    def type(self, command: str, *, answer: str = "", codes: tuple[int, ...] = (0,)) -> str:
        """Run a command of a page to its end; returns what it said.

        Args:
            answer: what is typed while it runs.
            codes: the exit codes that the page tells of.
        """
        done = subprocess.run(
            ["bash", "-c", self._here(command)],
            cwd=self.folder,
            env=self._environment(),
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_SECONDS,
        )
        assert done.returncode in codes, f"{command}: {done.returncode}\n{done.stdout[-8000:]}"
        self.typed.append(command)
        return done.stdout

    def change_folder(self, command: str) -> None:
        """Run `cd FOLDER`."""
        self.folder /= command.removeprefix("cd ")
        assert self.folder.is_dir(), command
        self.typed.append(command)

    def set(self, command: str) -> None:
        """Run `export NAME=VALUE`, which holds for what is typed next."""
        name, _, _ = command.removeprefix("export ").partition("=")
        value = self._output(f'{command} && printf %s "${name}"')
        self.environment[name] = value
        self.typed.append(command)

    @contextmanager
    def running(self, command: str, sign: str) -> Iterator[list[str]]:
        """Run a command that goes on until Ctrl-C; yields what it said up to a sign of being ready."""
        # Where the tests run in the background, Ctrl-C is ignored, and a child would inherit that.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(
            ["bash", "-c", self._here(command)],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        signal.signal(signal.SIGINT, before)
        limit = threading.Timer(LIMIT_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        limit.start()
        assert process.stdout is not None
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line)
                if sign in line:
                    break
            assert sign in "".join(said[-1:]), "".join(said)[-8000:]
            self.typed.append(command)
            # Or it would stop at a full pipe.
            threading.Thread(target=said.extend, args=(process.stdout,), daemon=True).start()
            yield said
        finally:
            limit.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(LIMIT_SECONDS)

    def calls(self) -> list[list[str]]:
        """Return what the stand-ins for other programs were called with, and forget it."""
        file = Path(self.environment["CALLS"])
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    def _here(self, command: str) -> str:
        for word, here in self.replaced.items():
            command = command.replace(word, here)
        return command

    def _output(self, command: str) -> str:
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def _environment(self) -> Mapping[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name not in _HIDDEN},
            **self.environment,
        }


def powershell(line: str) -> str:
    """Return a line of PowerShell as bash has it: what these pages use of it."""
    if line.startswith("$env:"):
        name, _, value = line.removeprefix("$env:").partition(" = ")
        return f"export {name}={value}"
    words = line.replace("Copy-Item ", "cp ").replace("Scripts\\", "bin\\").replace("\\", "/")
    return " && ".join(
        f"python3{part.removeprefix('py')}" if part.startswith("py ") else part
        for part in words.split("; ")
    )
