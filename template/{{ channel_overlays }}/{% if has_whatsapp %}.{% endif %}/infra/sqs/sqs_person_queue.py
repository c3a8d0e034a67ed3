"""The queue of the people to answer, as an SQS FIFO queue.

A message's group is a hash of the person's key, so that one person's messages come in order and to
one process at a time, while different people's come to as many processes as there are. Its body
names the person; what they wrote stays in the table.

Requests: 1 to send, 1 to receive up to 10 messages or to find none for 10 s, 1 to delete, and 1 for
every 10 s of a turn that takes longer. Each process asks once a minute how long the queue is, and
every 15 s while somebody reads the metrics.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
"""

import asyncio
import hashlib
import math
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiobotocore.config import AioConfig
from botocore.exceptions import BotoCoreError, ClientError

from app.core.ports.person_queue import PersonQueue, QueueDepth, QueuedMessage
from domain.dto.whatsapp_wake import Wake
from domain.exceptions.whatsapp import QueueUnavailable
from infra.aws.aws_connection import AwsConnection

# As often as processes look for whom nobody woke: one of them is enough.
_A_WHILE_SECONDS = 60
_MAX_VISIBILITY_SECONDS = 12 * 3600
_CALL_SECONDS = 5.0
# A process takes that many out within a few seconds.
_SHORT_QUEUE = 100
_COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

_CONFIG = AioConfig(
    connect_timeout=2,
    # Longer than SQS lets a receiver wait, which is 20 s.
    read_timeout=25,
    max_pool_connections=100,
    retries={"mode": "standard", "total_max_attempts": 3},
)


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """Which queue, where SQS is if not where AWS has it, and its times.

    A taken message is hidden for `hidden_seconds`, after which a process that died no longer keeps
    it from others; a receiver waits up to `wait_seconds`, as does a process that stops.
    """

    url: str
    endpoint_url: str | None = None
    hidden_seconds: int = 30
    wait_seconds: int = 10


class SqsPersonQueue(PersonQueue):
    """PersonQueue on SQS."""

    def __init__(self, connection: AwsConnection, options: QueueOptions) -> None:
        self._connection = connection
        self._options = options
        self._opening = asyncio.Lock()
        self._client: Any = None

    async def open(self) -> None:
        async with self._opening:
            if self._client is None:
                self._client = await self._connection.client(
                    "sqs", _CONFIG, self._options.endpoint_url
                )

    async def send(self, person: str) -> None:
        await self._send(person, uuid.uuid4().hex)

    async def send_once_in_a_while(self, person: str) -> None:
        await self._send(person, f"{_group_of(person)}-{int(time.time() / _A_WHILE_SECONDS)}")

    async def _send(self, person: str, deduplication_id: str) -> None:
        await self._call(
            "send_message",
            MessageBody=Wake(person).to_json(),
            MessageGroupId=_group_of(person),
            MessageDeduplicationId=deduplication_id,
        )

    async def receive(self, limit: int) -> Sequence[QueuedMessage]:
        answer = await self._call(
            "receive_message",
            seconds=_CALL_SECONDS + self._options.wait_seconds,
            MaxNumberOfMessages=limit,
            WaitTimeSeconds=self._options.wait_seconds,
            VisibilityTimeout=self._options.hidden_seconds,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [_to_message(message) for message in answer.get("Messages", ())]

    async def hold(self, receipt: str) -> None:
        await self.postpone(receipt, self._options.hidden_seconds)

    async def postpone(self, receipt: str, seconds: float) -> None:
        await self._call(
            "change_message_visibility",
            ReceiptHandle=receipt,
            # Whole seconds, and never too early: the person's lock is still held until then.
            VisibilityTimeout=min(math.ceil(seconds), _MAX_VISIBILITY_SECONDS),
        )

    async def delete(self, receipt: str) -> None:
        await self._call("delete_message", ReceiptHandle=receipt)

    async def depth(self) -> QueueDepth:
        answer = await self._call("get_queue_attributes", AttributeNames=_COUNTS)
        return QueueDepth(*(int(answer["Attributes"][name]) for name in _COUNTS))

    async def is_short(self) -> bool:
        try:
            return (await self.depth()).waiting < _SHORT_QUEUE
        except QueueUnavailable:
            # Rather somebody twice in the queue than nobody there: a role may lack the permission to ask.
            return True

    async def _call(
        self, operation: str, *, seconds: float = _CALL_SECONDS, **arguments: Any
    ) -> Any:
        try:
            async with asyncio.timeout(seconds):
                await self.open()
                call = getattr(self._client, operation)
                return await call(QueueUrl=self._options.url, **arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise QueueUnavailable(f"{operation}: {code}") from error
        except (BotoCoreError, OSError, TimeoutError) as error:
            raise QueueUnavailable(f"{operation}: {type(error).__name__}") from error


def _group_of(person: str) -> str:
    """Return the person's group: SQS takes no more than 128 characters of ASCII."""
    return hashlib.sha256(person.encode()).hexdigest()


def _to_message(message: dict[str, Any]) -> QueuedMessage:
    return QueuedMessage(
        body=message["Body"],
        receipt=message["ReceiptHandle"],
        attempt=int(message["Attributes"]["ApproximateReceiveCount"]),
    )
