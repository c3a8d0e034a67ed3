"""Stands where a program does that these tests do not have: takes what the program takes, and notes it.

stand_in_program.py PROGRAM ARGUMENT…

SYNTAX has the program's own commands, with the options that its manual gives them; a word or an option
that is not there is refused, as the program would. CALLS names the file in which each call is noted.
"""

import json
import os
import sys
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Command:
    """A command: options that take a value, those that do not, and how many words may follow."""

    values: frozenset[str] = field(default_factory=frozenset)
    flags: frozenset[str] = field(default_factory=frozenset)
    words: range = range(0, 1)


def command(words: range = range(0, 1), values: str = "", flags: str = "") -> Command:
    return Command(frozenset(values.split()), frozenset(flags.split()), words)


# Sources: Docker's, GitHub CLI's, Ollama's and LangGraph CLI's references, llama.cpp's server README,
# wscat's and pip-audit's help, as of November 2026.
SYNTAX = {
    ("docker", "build"): command(
        range(1, 2), "--build-arg -t --tag -f --file --platform", "--pull"
    ),
    ("docker", "run"): command(
        range(1, 99),
        "-p --publish --env-file --tmpfs --network --name -e",
        "--init --read-only --rm -d",
    ),
    ("docker", "stop"): command(range(1, 99), "--time -t --timeout --signal"),
    ("docker", "push"): command(range(1, 2)),
    ("docker", "tag"): command(range(2, 3)),
    ("docker", "login"): command(range(0, 2), "--username -u --password", "--password-stdin"),
    ("docker", "image"): command(range(1, 9), "--format -f"),
    ("docker", "compose"): command(range(1, 9), "-f --file -p --profile", "-d --detach --build"),
    ("gh", "api"): command(range(1, 2), "--jq -q --method -X -f --field"),
    ("gh", "secret"): command(range(2, 3), "--env -e --body -b --repo"),
    ("gh", "variable"): command(range(2, 3), "--env -e --body -b --repo"),
    ("gh", "workflow"): command(range(2, 3), "--ref -r -f --raw-field -F"),
    ("ollama", "pull"): command(range(1, 2), flags="--insecure"),
    ("ollama", "serve"): command(),
    ("llama-server",): command(
        values="-m --model --host --port -c --ctx-size", flags="--jinja --no-jinja"
    ),
    ("npx", "wscat"): command(values="-c --connect -l -s -H -x -w"),
    ("langgraph", "dev"): command(
        values="--host --port --config --tunnel", flags="--allow-blocking --no-browser --no-reload"
    ),
    ("pip-audit",): command(
        values="--vulnerability-service -s --requirement -r --ignore-vuln --format",
        flags="--strict -S --disable-pip --require-hashes",
    ),
}


def fault(called: list[str]) -> str | None:
    """Return why the program would refuse a call."""
    for begin in ((called[0],), tuple(called[:2])):
        if begin in SYNTAX:
            return _fault(SYNTAX[begin], called[len(begin) :])
    return f"{' '.join(called[:2])} is no command"


def _fault(syntax: Command, arguments: list[str]) -> str | None:
    words = 0
    rest = iter(arguments)
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if name in syntax.values:
            if not equals and next(rest, None) is None:
                return f"{name} has no value"
        elif argument.startswith("-") and argument not in syntax.flags:
            return f"there is no option {argument}"
        elif not argument.startswith("-"):
            words += 1
    return None if words in syntax.words else f"{words} words"


def main(called: list[str]) -> None:
    if refused := fault(called):
        sys.exit(f"{called[0]}: {refused}")
    with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
        calls.write(json.dumps(called) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
