"""The programs that the pages' commands call, as they are in these tests."""

import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from bot_environment import PYTHON

_UV = Path(__file__).with_name("stand_in_uv.py")
_OTHERS = Path(__file__).with_name("stand_in_program.py")
# What needs a cloud, an account, a daemon or a graphics card, or would be downloaded anew each time.
_ELSEWHERE = ("docker", "gh", "langgraph", "llama-server", "npx", "ollama", "pip-audit")


@cache
def programs() -> Path:
    """Return the folder with the programs that stand in for others."""
    folder = Path(tempfile.mkdtemp(prefix="programs."))
    environment = {
        "REAL_UV": str(Path(sys.executable).with_name("uv")),
        "BOT_PYTHON": str(PYTHON),
        "TEMPLATE_PYTHON": sys.executable,
        "UV": str(folder / "uv"),
    }
    exports = "\n".join(f"export {name}='{value}'" for name, value in environment.items())
    write(folder / "uv", f'{exports}\nexec "{sys.executable}" "{_UV}" "$@"\n')
    # uvx copier …, without a download.
    write(folder / "uvx", f'exec "{Path(sys.executable).parent}/$1" "${{@:2}}"\n')
    for name in _ELSEWHERE:
        write(folder / name, f'exec "{sys.executable}" "{_OTHERS}" {name} "$@"\n')
    return folder


def write(program: Path, script: str) -> None:
    """Write a shell script that can be called."""
    program.write_text(f"#!/usr/bin/env bash\n{script}", "utf-8")
    program.chmod(0o755)


def owners_path() -> str:
    """Return the PATH of somebody who has what the pages ask for."""
    return os.pathsep.join((str(programs()), os.environ["PATH"]))
