"""A real FIFO queue for the tests, with a dead-letter queue behind it, seen past the bot."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from aiobotocore.config import AioConfig

from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.sqs.sqs_person_queue import QueueOptions, SqsPersonQueue

_FIFO = {"FifoQueue": "true", "DeduplicationScope": "messageGroup"}


class FifoQueue:
    """The queue, as the bot opens it and as it is."""

    def __init__(self, connection: AwsConnection, sqs: Any, options: QueueOptions) -> None:
        self.options = options
        self.dead_letters_url = options.url.replace(".fifo", "-dead.fifo")
        self._connection = connection
        self._sqs = sqs

    def opened(self, **changes: Any) -> SqsPersonQueue:
        """Return the queue as a process has it, with other options than usual."""
        return SqsPersonQueue(self._connection, replace(self.options, **changes))

    async def depth(self) -> int:
        """Return how many messages it holds, those included that were taken."""
        return await self._depth(self.options.url)

    async def dead_letters(self) -> int:
        """Return how many messages were set aside."""
        return await self._depth(self.dead_letters_url)

    async def put(self, body: str, group: str) -> None:
        """Send a message past the bot."""
        await self._sqs.send_message(
            QueueUrl=self.options.url,
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=uuid.uuid4().hex,
        )

    async def _depth(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = await self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)


@asynccontextmanager
async def fifo_queue(endpoint: str, max_receives: int = 50) -> AsyncIterator[FifoQueue]:
    """Create a queue that sets a message aside when it was taken so often."""
    connection = AwsConnection(AwsOptions("us-east-1", endpoint_url=endpoint))
    try:
        sqs = await connection.client("sqs", AioConfig(), None)
        name = f"people-{uuid.uuid4().hex}"
        dead = await sqs.create_queue(QueueName=f"{name}-dead.fifo", Attributes=_FIFO)
        described = await sqs.get_queue_attributes(
            QueueUrl=dead["QueueUrl"], AttributeNames=["QueueArn"]
        )
        redrive = {
            "deadLetterTargetArn": described["Attributes"]["QueueArn"],
            "maxReceiveCount": max_receives,
        }
        queue = await sqs.create_queue(
            QueueName=f"{name}.fifo", Attributes={**_FIFO, "RedrivePolicy": json.dumps(redrive)}
        )
        options = QueueOptions(queue["QueueUrl"], wait_seconds=1)
        yield FifoQueue(connection, sqs, options)
    finally:
        await connection.stop()
