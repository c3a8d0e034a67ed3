"""One address on this machine for the two APIs of a stack in a local AWS.

It is what the stack's CloudFront distribution is in AWS: the HTTP API at every path but that of the
socket, which leads to the WebSocket API. Local AWS creates a distribution and serves nothing by it.
"""

import asyncio
from collections.abc import Mapping

import aiohttp
from aiohttp import web
from yarl import URL

SOCKET_PATH = "/ws/chat/completions"

_TIMEOUT = aiohttp.ClientTimeout(total=60)
# What belongs to one connection and not to the message (RFC 9110, section 7.6.1), and the name.
_NOT_PASSED_ON = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}
)
_MAX_BODY_BYTES = 10 * 1024 * 1024


class Edge:
    """A server that passes everything on."""

    def __init__(self, http_url: str, socket_url: str | None) -> None:
        self._http_url = http_url
        self._socket_url = socket_url
        self._client: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> str:
        """Listen on a port of this machine, 0 for a free one; returns the URL."""
        self._client = aiohttp.ClientSession(
            timeout=_TIMEOUT, auto_decompress=False, connector=aiohttp.TCPConnector(limit=0)
        )
        application = web.Application(client_max_size=_MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        application.on_response_prepare.append(_without_server)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, chosen_port, *_ = self._runner.addresses[0]
        return f"http://{host}:{chosen_port}"

    async def stop(self) -> None:
        """Close the server and what it passed on."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        assert self._client is not None
        if self._socket_url is not None and request.path == SOCKET_PATH:
            return await self._pass_socket_on(self._client, self._socket_url, request)
        async with self._client.request(
            request.method,
            URL(self._http_url + request.raw_path, encoded=True),
            headers=_passed_on(request.headers),
            data=await request.read(),
            allow_redirects=False,
        ) as answer:
            return web.Response(
                status=answer.status, headers=_passed_on(answer.headers), body=await answer.read()
            )

    async def _pass_socket_on(
        self, client: aiohttp.ClientSession, socket_url: str, request: web.Request
    ) -> web.StreamResponse:
        offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        headers = {
            name: value
            for name, value in _passed_on(request.headers).items()
            if not name.lower().startswith("sec-websocket")
        }
        try:
            upstream = await client.ws_connect(
                socket_url,
                headers=headers,
                protocols=[name.strip() for name in offered if name.strip()],
                max_msg_size=0,
            )
        except aiohttp.WSServerHandshakeError as refusal:
            return web.Response(status=refusal.status)
        protocols = (upstream.protocol,) if upstream.protocol else ()
        downstream = web.WebSocketResponse(protocols=protocols, max_msg_size=0)
        await downstream.prepare(request)
        pumps = {
            asyncio.create_task(_pump(downstream, upstream)),
            asyncio.create_task(_pump(upstream, downstream)),
        }
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        await upstream.close()
        await downstream.close(code=upstream.close_code or aiohttp.WSCloseCode.OK)
        await asyncio.wait(pumps)
        return downstream


_Socket = aiohttp.ClientWebSocketResponse | web.WebSocketResponse


async def _pump(source: _Socket, target: _Socket) -> None:
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await target.send_bytes(message.data)


async def _without_server(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON}
