"""One address on this machine for a stack in a local AWS."""

from collections.abc import Mapping

import aiohttp
from aiohttp import web
from yarl import URL

from scripts.deployment.addresses import at, http_url

_TIMEOUT = aiohttp.ClientTimeout(total=60)
# What belongs to one connection and not to the message (RFC 9110, section 7.6.1), and the name.
_NOT_PASSED_ON = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}
)
_MAX_BODY_BYTES = 10 * 1024 * 1024


class Edge:
    """A server that passes every request on to the stack's HTTP API."""

    def __init__(self) -> None:
        self.url = ""
        self._http_url = ""
        self._client: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> None:
        """Listen on a port of this machine, 0 for a free one; `url` says where."""
        self._client = aiohttp.ClientSession(
            timeout=_TIMEOUT, auto_decompress=False, connector=aiohttp.TCPConnector(limit=0)
        )
        application = web.Application(client_max_size=_MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._answer)
        application.on_response_prepare.append(_without_server)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, chosen_port, *_ = self._runner.addresses[0]
        self.url = f"http://{host}:{chosen_port}"

    def lead_to(self, outputs: Mapping[str, str], emulator_url: str) -> dict[str, str]:
        """Pass on to this stack; returns its outputs with the edge's addresses."""
        self._http_url = http_url(outputs, emulator_url)
        return at(self.url, outputs)

    async def stop(self) -> None:
        """Close the server and what it passed on."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert self._client is not None
        return await self.pass_on(self._client, request)

    async def pass_on(
        self, client: aiohttp.ClientSession, request: web.Request
    ) -> web.StreamResponse:
        """Ask the stack, and return what it answers."""
        async with client.request(
            request.method,
            URL(self._http_url + request.raw_path, encoded=True),
            headers=passed_on(request.headers),
            data=await request.read(),
            allow_redirects=False,
        ) as answer:
            return web.Response(
                status=answer.status, headers=passed_on(answer.headers), body=await answer.read()
            )


async def _without_server(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that belong to the message."""
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON}
