"""Run by a bot's Python in the bot's folder: a local AWS with the table NAME until the input ends.

python local_table.py STATE_FOLDER NAME
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aiobotocore.session import AioSession
from infra.dynamodb.table import ensure_table
from infra.local_aws.local_aws import LocalAws


async def main(folder: str, name: str) -> None:
    local_aws = LocalAws(Path(folder), linger_seconds=60.0)
    endpoint = await local_aws.start()
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    session = AioSession()
    async with session.create_client(
        "dynamodb", region_name="us-east-1", endpoint_url=endpoint, **keys
    ) as client:
        await ensure_table(client, name)
    print(f"endpoint {endpoint}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await local_aws.stop()


asyncio.run(main(*sys.argv[1:]))
