"""What drills and measurements of many chats share."""

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.support.bots import Bot, BotProcess
from tests.support.chat_socket import PATH
from websockets.asyncio.client import ClientConnection, connect

KIB = 1024
OPEN = {"RATE_LIMIT_PER_MINUTE": "0"}
# In a process of its own: this one is busy with what streams.
_ASKS_FOR_HEALTH = """
import http.client, json, sys, time
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
took = []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    connection.request("GET", "/health")
    connection.getresponse().read()
    took.append((time.perf_counter() - began) * 1000)
    time.sleep(0.01)
print(json.dumps(took))
"""


def memory_of(bot: BotProcess) -> int:
    """Return the resident memory of the bot's process, in bytes."""
    pages = int(Path(f"/proc/{bot.process.pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def opened(bot: Bot, compression: str | None = None) -> ClientConnection:
    """Connect, and take the `connected` event in."""
    connection = await connect(
        "ws" + bot.url.removeprefix("http") + PATH, proxy=None, compression=compression
    )
    assert json.loads(await connection.recv())["type"] == "connected"
    return connection


async def whole_turn(connection: ClientConnection, user_id: str, **more: object) -> bool:
    """Ask, and tell whether the turn came to its end."""
    await connection.send(json.dumps({"user_id": user_id, "question": "Hello!", **more}))
    while True:
        event = json.loads(await connection.recv())
        if event["type"] in ("end", "error"):
            return bool(event["type"] == "end")


async def time_of_health(bot: Bot, times: int = 500) -> list[float]:
    """Ask for /health every 10 ms; returns how many milliseconds each answer took."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _ASKS_FOR_HEALTH, str(bot.port), str(times)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    took: list[float] = json.loads(output)
    return took
