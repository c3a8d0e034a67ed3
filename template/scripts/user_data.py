"""Exports or erases what the table has about one user, as Brazil's LGPD and the GDPR ask for.

    uv run python -m scripts.user_data export USER_ID --out FILE
    uv run python -m scripts.user_data erase USER_ID [--yes] [--keep-audit]

The exit code is 0 when it is done, 1 when it failed, 2 when the command is wrong, and 3 when the table
has nothing about the user. docs/privacy.md says what else there is.
"""

import argparse
import asyncio
import base64
import json
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

from app.core.config import SettingsError, load_settings
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from domain.exceptions.storage import StorageError
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key, Value
from infra.local_aws.errors import LocalAwsError
from scripts.user_items import UserItems, key_of, kind_of

_FAILED = 1
_NOTHING_FOUND = 3
_BATCH = 25
# A turn that runs meanwhile may write once more; whoever still writes after this many is talking.
_MAX_PASSES = 4


async def export(table: DynamoDBClient, user_id: str, file: Path) -> Counter[str]:
    """Write every item about the user to the file, as JSON Lines; returns how many of each kind.

    The file is there only once it is whole. Binary values are base64.
    """
    counts: Counter[str] = Counter()
    unfinished = file.with_name(f"{file.name}.part")
    with unfinished.open("w", encoding="utf-8") as out:
        async for item in (await UserItems.find(table, user_id)).all():
            out.write(json.dumps(item, ensure_ascii=False, default=_base64) + "\n")
            counts[kind_of(item)] += 1
    unfinished.replace(file)
    return counts


async def count(table: DynamoDBClient, user_id: str) -> Counter[str]:
    """Return how many items of each kind are about the user."""
    items = (await UserItems.find(table, user_id)).all()
    return Counter([kind_of(item) async for item in items])


async def erase(table: DynamoDBClient, user_id: str, *, keep_audit: bool) -> Counter[str]:
    """Delete every item about the user; returns how many of each kind.

    It can be broken off and repeated: what leads to the rest is deleted last.

    Raises:
        StorageError: the table refused, or somebody goes on writing about the user.
    """
    counts: Counter[str] = Counter()
    for _ in range(_MAX_PASSES):
        found = (await UserItems.find(table, user_id)).all(keep_audit=keep_audit)
        erased = await _delete(table, found)
        counts += erased
        if not erased:
            return counts
    raise StorageError("the user is talking to the bot right now; repeat the command later")


async def _delete(table: DynamoDBClient, items: AsyncGenerator[Item, None]) -> Counter[str]:
    counts: Counter[str] = Counter()
    batch: list[Key] = []
    async for item in items:
        counts[kind_of(item)] += 1
        batch.append(key_of(item))
        if len(batch) == _BATCH:
            await table.delete_many(batch)
            batch = []
    if batch:
        await table.delete_many(batch)
    return counts


def _base64(value: Value) -> str:
    assert isinstance(value, bytes)
    return base64.b64encode(value).decode()


async def _run(command: argparse.Namespace, container: ApplicationContainer) -> Counter[str]:
    connection = container.gateways.aws_connection()
    table: DynamoDBClient = container.gateways.dynamodb_client()
    await connection.start()
    try:
        await table.start()
        if command.name == "export":
            return await export(table, command.user_id, command.out)
        if command.yes:
            return await erase(table, command.user_id, keep_audit=command.keep_audit)
        return await count(table, command.user_id)
    finally:
        await connection.stop()


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.user_data", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True)
    export_command = commands.add_parser("export", help="write what there is to a file")
    export_command.add_argument("user_id")
    export_command.add_argument("--out", type=Path, required=True, help="the file, JSON Lines")
    erase_command = commands.add_parser("erase", help="say what would be deleted, or delete it")
    erase_command.add_argument("user_id")
    erase_command.add_argument("--yes", action="store_true", help="delete; without it, count")
    erase_command.add_argument(
        "--keep-audit", action="store_true", help="keep what operators did in the user's chats"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    command = _parse(arguments)
    try:
        settings = load_settings(OwnerSettings)
        counts = asyncio.run(_run(command, ApplicationContainer(settings=settings)))
    except (SettingsError, LocalAwsError, StorageError, OSError) as error:
        print(f"Not done: {error}", file=sys.stderr)
        return _FAILED
    for kind, number in sorted(counts.items()):
        print(f"{number:>8} {kind}")
    if not counts:
        print(f"The table {settings.ddb_table} has nothing about this user.")
        return _NOTHING_FOUND
    if command.name == "export":
        print(f"Written to {command.out}.")
    elif command.yes:
        print("Deleted. Backups, logs and traces: docs/privacy.md.")
    else:
        print("Nothing was deleted; --yes deletes it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
