"""Every kind of work that the bot does in AWS, done once."""

from typing import Any

from app.core.settings_owner import OwnerSettings
from app.dependency_injection.lifecycle import running
from tests.support.conversing import converse, hand_over
from tests.support.plain_container import plain_container


async def do_representative_work(endpoint: str, **settings: Any) -> None:
    """Do it all with these settings, the table at the endpoint."""
    container = plain_container(
        OwnerSettings(aws_endpoint_url_dynamodb=endpoint, budget_turns_per_day=100, **settings)
    )
    async with running(container):
        await converse(container)
        await hand_over(container)
