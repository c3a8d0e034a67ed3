"""Local AWS with the real MiniStack and real bot processes that start, stop and crash."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiobotocore.session import AioSession

from infra.local_aws.local_aws import LocalAws, LocalAwsError
from infra.local_aws.server import Server, StateDirectory

BOT_FOLDER = Path(__file__).parents[2]
# The first run on a machine downloads MiniStack; every later wait takes a second or two.
FIRST_START_SECONDS = 200
WAIT_SECONDS = 25
# Should a test leave a MiniStack behind all the same, it soon ends by itself.
LINGER_SECONDS = 20.0
TABLE = "notes"
AWS = AioSession()

if sys.platform == "win32":

    def kill_group(pid: int) -> None:
        os.kill(pid, signal.SIGTERM)

    kill = kill_group

else:

    def is_alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill_group(pid: int) -> None:
        os.killpg(pid, signal.SIGKILL)

    def kill(pid: int) -> None:
        os.kill(pid, signal.SIGKILL)


# A bot process: prints the endpoint, and stops at the end of its input.
BOT = """
import asyncio, sys
from pathlib import Path
import structlog
from infra.local_aws.local_aws import LocalAws

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

async def main():
    local_aws = LocalAws(Path(sys.argv[1]), linger_seconds=float(sys.argv[2]))
    print(await local_aws.start(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await local_aws.stop()

asyncio.run(main())
"""


class Bots:
    """Bot processes of one test, all with one state directory."""

    def __init__(self, directory: StateDirectory) -> None:
        self._directory = directory
        self._processes: list[Process] = []

    async def launch(self, linger_seconds: float = LINGER_SECONDS) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            BOT,
            str(self._directory.root),
            str(linger_seconds),
            cwd=BOT_FOLDER,
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    async def start(self, linger_seconds: float = LINGER_SECONDS) -> tuple[Process, str]:
        process = await self.launch(linger_seconds)
        return process, await self.endpoint(process)

    async def endpoint(self, process: Process) -> str:
        assert process.stdout
        line = await asyncio.wait_for(process.stdout.readline(), FIRST_START_SECONDS)
        return line.decode().strip()

    async def stop(self, process: Process) -> None:
        assert process.stdin
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), WAIT_SECONDS) == 0

    async def crash(self, process: Process) -> None:
        """Kill the process and all that the terminal would end together with it."""
        kill_group(process.pid)
        await asyncio.wait_for(process.wait(), WAIT_SECONDS)

    async def clean_up(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                await self.crash(process)
        server = self._directory.read_record()
        if server and not self._directory.alive.is_free():
            kill(server.pid)


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path / "local aws")


@pytest.fixture
async def bots(directory: StateDirectory) -> AsyncIterator[Bots]:
    bots = Bots(directory)
    yield bots
    await bots.clean_up()


@pytest.fixture
async def local_aws(directory: StateDirectory, bots: Bots) -> AsyncIterator[LocalAws]:
    local_aws = LocalAws(directory.root, linger_seconds=LINGER_SECONDS)
    yield local_aws
    await local_aws.stop()


def living_server(directory: StateDirectory) -> Server:
    server = directory.read_record()
    assert server and not directory.alive.is_free()
    return server


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def aws_client(service: str, endpoint: str) -> AsyncIterator[Any]:
    async with AWS.create_client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    ) as client:
        yield client


async def write_note(endpoint: str, text: str) -> None:
    async with aws_client("dynamodb", endpoint) as dynamodb:
        with suppress(dynamodb.exceptions.ResourceInUseException):
            await dynamodb.create_table(
                TableName=TABLE,
                KeySchema=[{"AttributeName": "text", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "text", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        await dynamodb.put_item(TableName=TABLE, Item={"text": {"S": text}})


async def read_notes(endpoint: str) -> set[str]:
    async with aws_client("dynamodb", endpoint) as dynamodb:
        page = await dynamodb.scan(TableName=TABLE)
    return {item["text"]["S"] for item in page["Items"]}


async def test_what_was_written_is_there_after_a_restart(
    local_aws: LocalAws, directory: StateDirectory
) -> None:
    await write_note(await local_aws.start(), "olá")
    await local_aws.stop()
    assert directory.alive.is_free()
    assert await read_notes(await local_aws.start()) == {"olá"}


async def test_bots_share_one_ministack_and_the_last_one_out_ends_it(
    bots: Bots, directory: StateDirectory
) -> None:
    first, first_endpoint = await bots.start()
    second, second_endpoint = await bots.start()
    assert first_endpoint == second_endpoint
    await bots.stop(first)
    await write_note(second_endpoint, "still served")
    await bots.stop(second)
    assert directory.alive.is_free()


async def test_bots_that_start_at_the_same_instant_share_one_ministack(
    bots: Bots, directory: StateDirectory
) -> None:
    both = [await bots.launch(), await bots.launch()]
    endpoints = await asyncio.gather(*(bots.endpoint(process) for process in both))
    assert set(endpoints) == {living_server(directory).endpoint}
    await asyncio.gather(*(bots.stop(process) for process in both))
    assert directory.alive.is_free()


async def test_after_a_crash_the_next_bot_finds_ministack_and_saves_its_state(
    bots: Bots, local_aws: LocalAws, directory: StateDirectory
) -> None:
    crashing, endpoint = await bots.start()
    await write_note(endpoint, "before the crash")
    await bots.crash(crashing)
    assert await local_aws.start() == endpoint
    assert await read_notes(endpoint) == {"before the crash"}
    await local_aws.stop()
    assert directory.alive.is_free()
    assert await read_notes(await local_aws.start()) == {"before the crash"}


async def test_after_a_crash_without_a_next_bot_ministack_saves_its_state_and_ends(
    bots: Bots, local_aws: LocalAws, directory: StateDirectory
) -> None:
    crashing, endpoint = await bots.start(linger_seconds=0.5)
    await write_note(endpoint, "before the crash")
    await bots.crash(crashing)
    await eventually(directory.alive.is_free)
    assert await read_notes(await local_aws.start()) == {"before the crash"}


async def test_after_a_crash_the_next_bot_may_have_another_model(
    bots: Bots, directory: StateDirectory
) -> None:
    crashing, endpoint = await bots.start()
    await write_note(endpoint, "before the crash")
    await bots.crash(crashing)
    async with unrelated_server() as model:
        local_aws = LocalAws(
            directory.root, model_url=model.endpoint, linger_seconds=LINGER_SECONDS
        )
        assert await read_notes(await local_aws.start()) == {"before the crash"}
        assert living_server(directory).model_url == model.endpoint
        await local_aws.stop()


async def test_after_a_crash_of_both_the_last_saved_state_is_there(
    bots: Bots, local_aws: LocalAws, directory: StateDirectory
) -> None:
    await write_note(await local_aws.start(), "saved")
    await local_aws.stop()
    crashing, endpoint = await bots.start()
    await write_note(endpoint, "not saved")
    kill(living_server(directory).pid)
    await bots.crash(crashing)
    await eventually(directory.alive.is_free)
    assert await read_notes(await local_aws.start()) == {"saved"}


if sys.platform != "win32":  # where nobody can delete files in use

    async def test_deleting_the_directory_of_a_running_ministack_begins_afresh(
        local_aws: LocalAws, directory: StateDirectory
    ) -> None:
        bereft = LocalAws(directory.root)
        await write_note(await bereft.start(), "deleted")
        forgotten = living_server(directory)
        shutil.rmtree(directory.root)
        await write_note(await local_aws.start(), "new")
        await eventually(lambda: not is_alive(forgotten.pid))
        await bereft.stop()
        await local_aws.stop()
        assert await read_notes(await local_aws.start()) == {"new"}


async def test_an_open_poll_of_a_queue_does_not_hold_up_the_stop(local_aws: LocalAws) -> None:
    async with aws_client("sqs", await local_aws.start()) as sqs:
        queue = await sqs.create_queue(QueueName="inbox")
        poll = asyncio.create_task(
            sqs.receive_message(QueueUrl=queue["QueueUrl"], WaitTimeSeconds=20)
        )
        await asyncio.sleep(0.3)
        started = time.monotonic()
        await local_aws.stop()
        assert time.monotonic() - started < 10
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)


def pid_of_an_ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    "record",
    [
        b'{"pid": 12',
        b'["pid", 1, 2]',
        b'{"pid": %d, "port": 9, "instance": "x"}' % pid_of_an_ended_process(),
    ],
    ids=["cut off", "not an object", "of a dead process"],
)
async def test_a_record_that_makes_no_sense_is_survived(
    record: bytes, local_aws: LocalAws, directory: StateDirectory
) -> None:
    directory.create()
    (directory.root / "ministack.json").write_bytes(record)
    assert await local_aws.start() == living_server(directory).endpoint


@asynccontextmanager
async def unrelated_server() -> AsyncIterator[Server]:
    """Somebody else's HTTP server, in this process, that answers everything as MiniStack might."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # a mere look whether anybody listens
            await reader.readuntil(b"\r\n\r\n")
        body = b'{"services": {"dynamodb": "available"}, "edition": "light"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield Server(os.getpid(), port, "ours")


async def test_an_unrelated_server_on_the_recorded_port_is_left_alone(
    local_aws: LocalAws, directory: StateDirectory
) -> None:
    async with unrelated_server() as other:
        directory.create()
        directory.write_record(other)
        assert await local_aws.start() != other.endpoint
        await local_aws.stop()
        # Its process, which is this one, lives as well.
        _, writer = await asyncio.open_connection("127.0.0.1", other.port)
        writer.close()


async def test_a_record_that_points_elsewhere_does_not_hide_the_running_ministack(
    local_aws: LocalAws, directory: StateDirectory
) -> None:
    endpoint = await local_aws.start()
    second = LocalAws(directory.root)
    async with unrelated_server() as other:
        directory.write_record(other)
        assert await second.start() == endpoint
        await second.stop()


async def test_without_uv_the_error_says_how_to_get_it(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "uv", None)
    with pytest.raises(LocalAwsError, match=r"needs uv.*Install it"):
        await local_aws.start()


async def test_a_download_that_fails_is_explained_with_the_words_of_uv(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty cache"))
    with pytest.raises(LocalAwsError, match="could not download ministack==") as failure:
        await local_aws.start()
    assert "network was disabled" in str(failure.value)


async def test_a_state_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LocalAwsError, match="file"):
        await LocalAws(tmp_path / "file").start()
