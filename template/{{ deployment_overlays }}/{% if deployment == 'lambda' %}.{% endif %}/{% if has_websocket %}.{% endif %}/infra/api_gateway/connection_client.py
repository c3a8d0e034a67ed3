"""Clients of the WebSocket API of Amazon API Gateway, reached through its @connections."""

import json
from typing import Any

import structlog
from aiobotocore.config import AioConfig
from botocore.exceptions import BotoCoreError, ClientError

from app.core.ports.connections import ConnectionSender
from domain.dto.following import Payload
from domain.exceptions.connection import ConnectionGone
from infra.aws.aws_connection import AwsConnection

logger = structlog.get_logger(__name__)

_CONFIG = AioConfig(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
)

# One encoder for all: json.dumps would make one for each piece of an answer.
_encode = json.JSONEncoder(ensure_ascii=False).encode


class ConnectionClient(ConnectionSender):
    """Posts events to connections; a client that cannot be reached counts as one that has left."""

    def __init__(self, connection: AwsConnection, callback_url: str) -> None:
        self._connection = connection
        self._callback_url = callback_url
        self._client: Any = None

    async def start(self) -> None:
        """Open the client."""
        self._client = await self._connection.client(
            "apigatewaymanagementapi", _CONFIG, self._callback_url
        )

    async def send(self, connection_id: str, payload: Payload) -> None:
        try:
            await self._client.post_to_connection(
                ConnectionId=connection_id, Data=_encode(payload).encode()
            )
        except (ClientError, BotoCoreError, OSError) as error:
            reason = _reason(error)
            if reason != "GoneException":
                logger.warning("event_not_sent", type=payload["type"], reason=reason)
            raise ConnectionGone(connection_id) from error

    async def disconnect(self, connection_id: str) -> None:
        try:
            await self._client.delete_connection(ConnectionId=connection_id)
        except (ClientError, BotoCoreError, OSError):
            # It is closed already; if not, API Gateway closes it once it is idle.
            return


def _reason(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__
