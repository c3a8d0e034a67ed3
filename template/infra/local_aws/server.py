"""MiniStack's process, and the files by which bot processes and MiniStack find each other.

Bot processes import this file; MiniStack's Python executes it by its path, in an environment that
has nothing of the bot. Hence the standard library only.
"""

import asyncio
import json
import os
import runpy
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_TICK_SECONDS = 0.2

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class ProcessLock:
    """A file that one process at a time can hold.

    The operating system frees it when its holder ends, however it ends. So it also tells whether
    the holder lives, which a process id cannot: ids are given again to other processes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this very object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> bool:
        """Take the lock without waiting; return whether this object holds it now."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(descriptor)
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock up, if it is held."""
        if self._descriptor is not None:
            _unlock(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def is_intact(self) -> bool:
        """Whether the held file is still there for others to see; False once it was deleted."""
        if self._descriptor is None:
            return False
        if sys.platform == "win32":
            return True  # where a file in use cannot be deleted
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        except FileNotFoundError:
            return False

    def is_free(self) -> bool:
        """Whether nobody holds the lock at this moment."""
        if self.is_held or not self.acquire():
            return False
        self.release()
        return True


@dataclass(frozen=True, slots=True)
class Server:
    """A MiniStack process; `instance` is a random name, different for each.

    `model_url` is where its Bedrock asks, empty if it has no Bedrock.
    """

    pid: int
    port: int
    instance: str
    model_url: str = ""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class StateDirectory:
    """The files of one local AWS. All but `gate` are used only by whoever holds `gate`.

    - `gate.lock`: held by a bot process while it starts, attaches or stops.
    - `ministack.lock`: held by MiniStack as long as it lives.
    - `clients/`: a lock for each bot process that uses it, held as long as that process lives.
    - `ministack.json`: where MiniStack listens; left behind only by one that crashed.
    - `ministack.log`: what MiniStack said since it started.
    - `state/`: what MiniStack saved, a file for each AWS service.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.gate = ProcessLock(root / "gate.lock")
        self.alive = ProcessLock(root / "ministack.lock")
        self.log = root / "ministack.log"
        self.saved_state = root / "state"
        self._clients = root / "clients"
        self._record = root / "ministack.json"

    def create(self) -> None:
        """Make the folders that are missing."""
        for folder in (self.root, self.saved_state, self._clients):
            folder.mkdir(parents=True, exist_ok=True)

    def client(self) -> ProcessLock:
        """Return a new lock for a user of MiniStack in this process."""
        return ProcessLock(self._clients / f"{os.getpid()}-{os.urandom(4).hex()}")

    def has_living_clients(self) -> bool:
        """Whether a bot process uses MiniStack; forgets those that ended without saying so."""
        living = False
        for path in self._clients.iterdir():
            if ProcessLock(path).is_free():
                path.unlink(missing_ok=True)
            else:
                living = True
        return living

    def stop_request(self, instance: str) -> Path:
        """Return the file whose presence asks that MiniStack to save its state and end.

        No signal: on Windows one only reaches processes that share the sender's console.
        """
        return self.root / f"stop-{instance}"

    def read_record(self) -> Server | None:
        """Return the recorded server, dead or alive; None if there is no sound record."""
        try:
            record = json.loads(self._record.read_bytes())
            return Server(
                int(record["pid"]),
                int(record["port"]),
                str(record["instance"]),
                str(record.get("model_url", "")),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_record(self, server: Server) -> None:
        """Replace the record in one step, so that nobody reads half of it."""
        unfinished = self._record.with_suffix(".tmp")
        unfinished.write_text(json.dumps(asdict(server)), encoding="utf-8")
        unfinished.replace(self._record)

    def delete_record(self) -> None:
        """Delete the record, if there is one."""
        self._record.unlink(missing_ok=True)


def main(root: str, instance: str, linger_seconds: str, model_url: str) -> None:
    """Run MiniStack, which reads its settings from the environment, for as long as it is used."""
    directory = StateDirectory(Path(root))
    if not directory.alive.acquire():
        sys.exit(f"Another MiniStack already serves {root}.")
    server = Server(os.getpid(), int(os.environ["GATEWAY_PORT"]), instance, model_url)
    ending = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(directory, server, float(linger_seconds), ending), daemon=True
    )
    watcher.start()
    # From Python 3.12 on it waits for every open request, be it an SQS poll of 20 s, before
    # MiniStack may save its state. Without it they get 3 s, as with Python 3.11.
    asyncio.Server.wait_closed = _do_not_wait  # type: ignore[method-assign, assignment]
    sys.argv = ["ministack"]
    try:
        runpy.run_module("ministack", run_name="__main__")
    finally:
        ending.set()
        watcher.join()
        with suppress(OSError):
            directory.stop_request(instance).unlink(missing_ok=True)
            directory.delete_record()


async def _do_not_wait(server: asyncio.Server) -> None:
    return None


def _watch(
    directory: StateDirectory, server: Server, linger_seconds: float, ending: threading.Event
) -> None:
    """End MiniStack gracefully when asked to, or after `linger_seconds` without a client."""
    deserted_since = time.monotonic()
    while True:
        if not directory.alive.is_intact():
            os._exit(0)  # Whoever deleted the directory wants no state of it to come back.
        # Another process may be reading or writing the same file, which fails on Windows.
        with suppress(OSError):
            if directory.stop_request(server.instance).exists():
                break
            if directory.read_record() != server:
                directory.write_record(server)
            # While somebody else holds the gate, a client may be on its way.
            if not directory.gate.acquire() or directory.has_living_clients():
                deserted_since = time.monotonic()
        if time.monotonic() - deserted_since >= linger_seconds:
            break  # The gate stays shut: a bot that starts now waits until the state is saved.
        directory.gate.release()
        if ending.wait(_TICK_SECONDS):
            return
    # MiniStack saves its state on this signal, and only then.
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
