"""Creates the table of the settings; safe to repeat: `python scripts/create_table.py`."""

import asyncio
import sys
from pathlib import Path

# Run by its path, Python looks for imports in scripts/ and not in the bot's folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.core.config import SettingsError, load_settings
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from domain.exceptions.storage import StorageError
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.local_aws.errors import LocalAwsError


async def create_table(container: ApplicationContainer) -> list[str]:
    """Create the table with expiry and recovery; returns one line for each step."""
    connection = container.gateways.aws_connection()
    table: DynamoDBClient = container.gateways.dynamodb_client()
    await connection.start()
    try:
        await table.start()
        return await table.ensure_table()
    finally:
        await connection.stop()


def main() -> None:
    try:
        container = ApplicationContainer(settings=load_settings(OwnerSettings))
        steps = asyncio.run(create_table(container))
    except (SettingsError, LocalAwsError, StorageError) as error:
        sys.exit(f"The table was not created: {error}")
    print("\n".join(steps))


if __name__ == "__main__":
    main()
