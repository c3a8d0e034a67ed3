"""The settings of a function: from its environment, and from the stack's secret."""

import os

from app.core.config import Settings, load_settings
from app.core.settings_owner import OwnerSettings
from infra.secrets.settings_secret import read_settings_secret


async def load_function_settings() -> Settings:
    """Read the secret that SETTINGS_SECRET_ARN names, if it does, and then the settings.

    Raises:
        SettingsError: a setting is wrong.
        SettingsSecretError: the secret cannot be read.
    """
    if arn := os.environ.get("SETTINGS_SECRET_ARN"):
        for name, value in (await read_settings_secret(arn)).items():
            # What the function's own environment sets stays.
            os.environ.setdefault(name, value)
    return load_settings(OwnerSettings)
