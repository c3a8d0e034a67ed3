"""Copier's command line, with a record of the programs it starts and the files it opens to write.

python tests/audited_copier.py RECORD copy …
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from copier._cli import CopierApp

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTING = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn"}


def main() -> None:
    record = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)

    def write_down(event: str, arguments: tuple[Any, ...]) -> None:
        for what, value in _noteworthy(event, arguments):
            os.write(record, json.dumps([what, os.fsdecode(value)]).encode() + b"\n")

    sys.addaudithook(write_down)
    CopierApp.run(["copier", *sys.argv[2:]])


def _noteworthy(event: str, arguments: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    if event == "open" and isinstance(arguments[0], str | bytes) and arguments[2] & _WRITING:
        yield "written", Path(os.fsdecode(arguments[0])).absolute()
    elif event == "subprocess.Popen":
        yield "started", Path(os.fsdecode(arguments[1][0])).name
    elif event in _STARTING:
        yield "started", repr(arguments)
    elif event == "socket.connect":
        yield "connected", repr(arguments[1])


if __name__ == "__main__":
    main()
