"""Starts the bot: `python main.py`."""

import asyncio
import gc
import sys

from app.core.config import SettingsError, load_settings
from app.core.observability.logs import configure_logs
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from infra.local_aws.errors import LocalAwsError
from interface.application import create_application
from interface.server import Server


def main() -> None:
    try:
        settings = load_settings(OwnerSettings)
        configure_logs(settings.log_level)
        container = ApplicationContainer(settings=settings)
        # What is imported is no garbage, and to look for some takes time; the server enables it again.
        gc.disable()
        server = Server(container, create_application(container))
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(server.serve())
    except SettingsError as error:
        sys.exit(f"Settings: {error}")
    except LocalAwsError as error:
        sys.exit(f"Local AWS: {error}")


if __name__ == "__main__":
    main()
