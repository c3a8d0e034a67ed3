"""Starts the bot: `python main.py`."""

import asyncio
import gc
import sys

from app.core.config import SettingsError, load_settings
from app.core.observability.logs import configure_logs
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from infra.local_aws.errors import LocalAwsError
from interface.application import create_application
from interface.server import Server


async def serve(container: ApplicationContainer, server: Server) -> None:
    """Serve until a signal asks to stop; the container's parts run as long."""
    async with running(container):
        # What is loaded by now stays; a collection that visits it would stop every chat for 0.1 s.
        gc.collect()
        gc.freeze()
        # Python's 700 would collect within every turn; this is one collection for a dozen of them.
        gc.set_threshold(5_000, 10, 10)
        await server.serve()


def main() -> None:
    try:
        settings = load_settings(OwnerSettings)
        configure_logs(settings.log_level)
        container = ApplicationContainer(settings=settings)
        server = Server(container, create_application(container))
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(serve(container, server))
    except SettingsError as error:
        sys.exit(f"Settings: {error}")
    except LocalAwsError as error:
        sys.exit(f"Local AWS: {error}")


if __name__ == "__main__":
    main()
