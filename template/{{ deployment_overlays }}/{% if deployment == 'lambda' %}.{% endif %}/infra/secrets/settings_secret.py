"""The secret settings, which a function reads from AWS Secrets Manager when it starts."""

import json
from collections.abc import Mapping

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError, ClientError

_CONFIG = AioConfig(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)


class SettingsSecretError(Exception):
    """The secret cannot be read; the message says which and why."""


async def read_settings_secret(arn: str) -> Mapping[str, str]:
    """Return the settings of the secret, a JSON object of names and values.

    Raises:
        SettingsSecretError: it is out of reach, or no such object.
    """
    try:
        async with AioSession().create_client("secretsmanager", config=_CONFIG) as client:
            response = await client.get_secret_value(SecretId=arn)
        values = json.loads(response["SecretString"])
    except (ClientError, BotoCoreError, OSError, KeyError, ValueError) as error:
        raise SettingsSecretError(f"{arn}: {type(error).__name__}") from error
    if not isinstance(values, dict):
        raise SettingsSecretError(f"{arn}: is no JSON object")
    return {str(name): str(value) for name, value in values.items()}
