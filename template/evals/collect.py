"""Fetches what operators collected at /operator/review: `uv run python -m evals.collect`.

Each case is added to evals/data/conversations.jsonl, unless one of its name is there: look it through
with `git diff`, and say with `one_of` or `none_of` what a right answer has. It needs the settings of
the environment, and credentials that may read its table; with --forget, delete from it too.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from pydantic import ValidationError

from app.core.config import Settings, SettingsError, load_settings
from app.core.observability.logs import configure_logs
from app.core.ports.chat_storage import ListingRequest
from app.core.ports.review_storage import ReviewStorage
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from domain.dto.eval_case import EvalCase
from domain.exceptions.storage import StorageError
from evals.cases import CONVERSATIONS, Conversation, read_cases
from evals.errors import EvalsError
from infra.local_aws.errors import LocalAwsError

_PAGE = 100


async def collected(storage: ReviewStorage) -> list[EvalCase]:
    """Return every case that waits in the table, the oldest first."""
    cases: list[EvalCase] = []
    cursor: str | None = None
    while True:
        page = await storage.list_cases(ListingRequest(_PAGE, cursor))
        cases += page.items
        if page.next_cursor is None:
            return cases
        cursor = page.next_cursor


def add_to(file: Path, cases: list[EvalCase]) -> list[str]:
    """Add the cases that the file does not have; returns their names.

    Raises:
        EvalsError: the file, or a case, is none.
    """
    known = {case.name for case in read_cases(file, Conversation)} if file.exists() else set()
    added: list[str] = []
    lines: list[str] = []
    for case in cases:
        name = _name_of(case)
        if name not in known:
            known.add(name)
            added.append(name)
            lines.append(case.line)
    if lines:
        text = file.read_text("utf-8") if file.exists() else ""
        separator = "" if not text or text.endswith("\n") else "\n"
        file.write_text(text + separator + "\n".join(lines) + "\n", "utf-8", newline="\n")
    return added


def _name_of(case: EvalCase) -> str:
    try:
        return Conversation.model_validate_json(case.line).name
    except ValidationError:
        raise EvalsError(f"The case of {case.message_id} is none of this bot's version.") from None


async def _run(settings: Settings, options: argparse.Namespace) -> list[str]:
    container = ApplicationContainer(settings=settings)
    connection = container.gateways.aws_connection()
    await connection.start()
    try:
        await container.gateways.dynamodb_client().start()
        storage: ReviewStorage = container.repositories.review_repository()
        cases = await collected(storage)
        added = add_to(options.file, cases)
        for case in cases if options.forget else ():
            await storage.delete_case(case)
        return added
    finally:
        await connection.stop()


def main(arguments: list[str] | None = None) -> int:
    """Add the cases; returns the exit code, 0 also if there were none."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.collect",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--file", type=Path, default=CONVERSATIONS, help="where to add them (%(default)s)"
    )
    parser.add_argument(
        "--forget", action="store_true", help="delete from the table what is in the file now"
    )
    options = parser.parse_args(arguments)
    # A Windows console may not have every character that people use.
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    configure_logs("CRITICAL")
    try:
        added = asyncio.run(_run(load_settings(OwnerSettings), options))
    except (SettingsError, LocalAwsError, StorageError, EvalsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for name in added:
        print(f"added: {name}")
    print(f"{len(added)} added to {options.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
