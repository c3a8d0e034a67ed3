"""AWS on the developer's own machine: MiniStack as a child process of the bot."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import structlog

from infra.local_aws.errors import LocalAwsError
from infra.local_aws.ministack_environment import last_lines, ministack_python
from infra.local_aws.server import Server, StateDirectory
from infra.local_aws.waiting import POLL_SECONDS, until

__all__ = ["LocalAws", "LocalAwsError"]

# What a bot that runs on this machine asks.
BOT_SERVICES = ("dynamodb", "sqs")
_START_SECONDS = 30.0
_START_ATTEMPTS = 2
_STOP_SECONDS = 20.0
# Whoever is ahead may have to download MiniStack and then to start it.
_TURN_SECONDS = 240.0
_HEALTH_SECONDS = 2.0
# Longer than the bot waits for it. When MiniStack gives up on a model it answers by itself, with a
# sentence that looks like an answer.
_MODEL_SECONDS = 120
_LINGER_SECONDS = 300.0
_SERVER_SCRIPT = str(Path(__file__).with_name("server.py"))
# MiniStack obeys many more variables, and the bot's secrets are none of its business.
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE")

if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NO_WINDOW
    _KILL_SIGNAL = signal.SIGTERM  # ends a process at once there
else:
    _CREATION_FLAGS = 0
    _KILL_SIGNAL = signal.SIGKILL

logger = structlog.get_logger(__name__)


class LocalAws:
    """One bot process's share of the MiniStack that keeps its state in `state_directory`.

    The first bot process starts MiniStack, further ones attach to it, and the last one to stop
    ends it. MiniStack outlives a bot that crashes, so that the next one finds it; if none comes
    within `linger_seconds` it saves its state and ends by itself.

    MiniStack saves only when it ends gracefully. If it is killed itself, or the machine loses
    power, what was written since it started is lost, and the next start has the state before that.

    It has the AWS services named in `services`. Bedrock is there with `model_url`, the address of a
    server with OpenAI's `/v1/chat/completions`, such as Ollama or llama.cpp: MiniStack passes the
    calls on.
    """

    def __init__(
        self,
        state_directory: Path,
        *,
        model_url: str | None = None,
        services: Sequence[str] = BOT_SERVICES,
        linger_seconds: float = _LINGER_SECONDS,
    ) -> None:
        self._directory = StateDirectory(state_directory.absolute())
        self._client = self._directory.client()
        # MiniStack appends /v1 itself.
        self._model_url = (model_url or "").rstrip("/").removesuffix("/v1")
        self._services = tuple(services)
        self._linger_seconds = linger_seconds
        self._server: Server | None = None

    @property
    def has_bedrock(self) -> bool:
        """Whether it answers for Bedrock too."""
        return bool(self._model_url)

    async def start(self) -> str:
        """Start MiniStack or attach to the one that runs, and return its endpoint URL.

        Raises:
            LocalAwsError: uv is missing, the first download failed, MiniStack did not answer
                within 30 s, another process keeps the directory busy or uses another model there,
                or no model answers at the model's address.
        """
        if self._model_url:
            await _require_model(self._model_url)
        try:
            self._directory.create()
            async with self._turn(_TURN_SECONDS):
                return await self._attach_or_launch()
        except OSError as error:
            raise LocalAwsError(
                f"LOCAL_AWS could not start MiniStack in {self._directory.root}: {error}"
            ) from error

    async def stop(self) -> None:
        """Let go of MiniStack; if no other living bot uses it, end it and wait for its state.

        MiniStack is killed if it has not ended within 20 s. Whatever goes wrong is logged, so
        that the bot can go on shutting down. Does nothing before `start`.
        """
        if not self._client.is_held:
            return
        try:
            async with self._turn(_STOP_SECONDS):
                self._unregister()
                if self._directory.has_living_clients():
                    logger.info("local_aws_left_to_others", state_directory=self._root)
                else:
                    await self._end()
        except (LocalAwsError, OSError) as error:
            logger.warning("local_aws_not_stopped", reason=str(error))
        finally:
            self._client.release()

    @property
    def _root(self) -> str:
        return str(self._directory.root)

    @asynccontextmanager
    async def _turn(self, seconds: float) -> AsyncIterator[None]:
        """Enter alone: one process at a time starts, attaches or stops."""
        gate = self._directory.gate
        if not await until(gate.acquire, seconds):
            raise LocalAwsError(
                f"Another process has been starting or stopping MiniStack in {self._root} for "
                f"{seconds:.0f} s. End that process and start the bot again."
            )
        try:
            yield
        finally:
            gate.release()

    async def _attach_or_launch(self) -> str:
        self._client.acquire()
        try:
            # trust_env=False: the company's proxy cannot reach this machine's loopback.
            async with httpx.AsyncClient(trust_env=False, timeout=_HEALTH_SECONDS) as http:
                await self._end_one_with_another_model(http)
                for _ in range(_START_ATTEMPTS):
                    if server := await self._running_server(http):
                        self._server = server
                        logger.info("local_aws_attached", **self._facts(server))
                        return server.endpoint
                    # Only a MiniStack that could not save its state leaves its record behind.
                    crashed = self._directory.read_record() is not None
                    if server := await self._launch(http):
                        self._server = server
                        if crashed:
                            logger.warning("local_aws_restarted", **self._facts(server))
                        else:
                            logger.info("local_aws_started", **self._facts(server))
                        return server.endpoint
            raise self._start_error("MiniStack ended while it was starting.")
        except BaseException:
            self._unregister()
            raise

    async def _end_one_with_another_model(self, http: httpx.AsyncClient) -> None:
        """End a MiniStack that nobody uses any more, if it would ask another model than ours."""
        server = await self._running_server(http)
        if server is None or server.model_url == self._model_url:
            return
        self._unregister()
        if self._directory.has_living_clients():
            raise LocalAwsError(
                f"Another bot uses MiniStack in {self._root} with another LOCAL_MODEL_URL "
                f"({server.model_url or 'none'}). Stop that bot, or give both the same."
            )
        self._server = server
        await self._end()
        self._client.acquire()

    def _unregister(self) -> None:
        self._client.release()
        self._client.path.unlink(missing_ok=True)

    async def _running_server(self, http: httpx.AsyncClient) -> Server | None:
        """Return the living MiniStack once it answers, or None if none lives."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._directory.alive.is_free():
            server = self._directory.read_record()
            if server and await _answers(http, server):
                return server
            if time.monotonic() > deadline:
                pid = server.pid if server else "unknown"
                raise LocalAwsError(
                    f"MiniStack (process {pid}) holds {self._root} but does not answer. "
                    "End that process and start the bot again."
                )
            await asyncio.sleep(POLL_SECONDS)
        return None

    async def _launch(self, http: httpx.AsyncClient) -> Server | None:
        """Start MiniStack; return it once it answers, or None if it ended (its port was taken)."""
        python = await ministack_python(self._directory.log)
        instance = secrets.token_hex(8)
        process = self._spawn(python, instance)
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None:
            server = self._directory.read_record()
            if server and server.instance == instance and await _answers(http, server):
                return server
            if time.monotonic() > deadline:
                process.kill()
                raise self._start_error(f"MiniStack did not answer within {_START_SECONDS:.0f} s.")
            await asyncio.sleep(POLL_SECONDS)
        return None

    def _spawn(self, python: str, instance: str) -> subprocess.Popen[bytes]:
        linger = str(self._linger_seconds)
        script = [python, "-I", "-X", "utf8", _SERVER_SCRIPT]
        with self._directory.log.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [*script, self._root, instance, linger, self._model_url],
                cwd=self._root,
                env=self._environment(instance),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C or a closed terminal must not end MiniStack before the bot does.
                start_new_session=True,
                creationflags=_CREATION_FLAGS,
            )
        # Whenever it ends it has to be collected, or it remains as a zombie.
        threading.Thread(target=process.wait, daemon=True).start()
        return process

    def _environment(self, instance: str) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        services = [*self._services]
        if self._model_url:
            services.append("bedrock-runtime")
            inherited["MINISTACK_BEDROCK_PROXY_URL"] = self._model_url
            inherited["MINISTACK_BEDROCK_PROXY_TIMEOUT_SECONDS"] = str(_MODEL_SECONDS)
        return inherited | {
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(_free_port()),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._directory.saved_state),
            "SERVICES": ",".join(services),
            # The health endpoint repeats it, which proves that the server on the port is ours.
            "MINISTACK_EDITION": instance,
            "LOG_LEVEL": "WARNING",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }

    async def _end(self) -> None:
        server = self._directory.read_record()
        if server is None or self._directory.alive.is_free():
            logger.warning("local_aws_was_gone", state_directory=self._root)
            return
        self._directory.stop_request(server.instance).touch()
        if await until(self._directory.alive.is_free, _STOP_SECONDS):
            logger.info("local_aws_stopped", **self._facts(server))
        elif server == self._server:  # It once answered, so this is not a stranger's process id.
            _kill(server.pid)
            logger.error("local_aws_killed_before_saving", **self._facts(server))
        else:
            logger.error("local_aws_left_running", **self._facts(server))

    def _facts(self, server: Server) -> dict[str, str | int]:
        return {"endpoint": server.endpoint, "pid": server.pid, "state_directory": self._root}

    def _start_error(self, what_happened: str) -> LocalAwsError:
        log = self._directory.log
        return LocalAwsError(f"{what_happened} {log} ends with:\n{last_lines(log)}")


async def _require_model(url: str) -> None:
    """Refuse to start without the model: MiniStack would answer in its place, and not say so."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_HEALTH_SECONDS) as http:
            (await http.get(f"{url}/v1/models")).raise_for_status()
    except httpx.HTTPError as error:
        raise LocalAwsError(
            f"LOCAL_MODEL_URL: no model server answers at {url}/v1/models "
            f"({type(error).__name__}). Start Ollama or llama.cpp there and start the bot again."
        ) from error


async def _answers(http: httpx.AsyncClient, server: Server) -> bool:
    """Whether the HTTP server on that port is this very MiniStack."""
    try:
        health = (await http.get(f"{server.endpoint}/_ministack/health")).json()
    except (httpx.HTTPError, ValueError):
        return False
    return isinstance(health, dict) and health.get("edition") == server.instance


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _kill(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, _KILL_SIGNAL)
