"""The function that runs turns, called without waiting for it."""

import json
from dataclasses import asdict
from typing import Any

from aiobotocore.config import AioConfig
from botocore.exceptions import BotoCoreError, ClientError

from app.core.ports.connections import TurnFunction
from domain.dto.connection import TurnOrder
from domain.exceptions.connection import TurnNotStarted
from infra.aws.aws_connection import AwsConnection

_CONFIG = AioConfig(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
)


class TurnFunctionClient(TurnFunction):
    """Hands its work over to Lambda, which keeps it until the function has run."""

    def __init__(self, connection: AwsConnection, function_name: str) -> None:
        self._connection = connection
        self._function_name = function_name
        self._client: Any = None

    async def start(self) -> None:
        """Open the client."""
        self._client = await self._connection.client("lambda", _CONFIG, None)

    async def greet(self, connection_id: str) -> None:
        await self._invoke({"greet": connection_id})

    async def answer(self, order: TurnOrder) -> None:
        await self._invoke({"answer": asdict(order)})

    async def _invoke(self, event: dict[str, object]) -> None:
        try:
            await self._client.invoke(
                FunctionName=self._function_name,
                InvocationType="Event",
                Payload=json.dumps(event).encode(),
            )
        except (ClientError, BotoCoreError, OSError) as error:
            raise TurnNotStarted(type(error).__name__) from error
