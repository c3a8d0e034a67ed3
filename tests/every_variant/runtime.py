"""What of a bot runs: its code, and what that is told by pyproject.toml."""

import hashlib
from pathlib import Path

PACKAGES = ("app", "domain", "infra", "interface")
CODE = (*PACKAGES, "main.py")


def runtime_tree(bot: Path) -> str:
    """Return the hash of what runs."""
    whole = hashlib.sha256()
    for path in sorted(bot.rglob("*")):
        name = path.relative_to(bot)
        if path.is_file() and name.parts[0] in (*CODE, "pyproject.toml"):
            whole.update(f"{name.as_posix()}\0".encode() + path.read_bytes())
    return whole.hexdigest()[:16]
