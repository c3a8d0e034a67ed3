"""One address on this machine for the two APIs of a stack in a local AWS.

It is what the stack's CloudFront distribution is in AWS: the HTTP API at every path but that of the
socket, which leads to the WebSocket API. Local AWS creates a distribution and serves nothing by it.
"""

import asyncio
from collections.abc import Mapping

import aiohttp
from aiohttp import web

from scripts.deployment.edge import Edge, passed_on
from scripts.deployment.socket_addresses import SOCKET_PATH, at, socket_url


class SocketEdge(Edge):
    """An edge that passes sockets on, too."""

    def __init__(self) -> None:
        super().__init__()
        self._socket_url = ""

    def lead_to(self, outputs: Mapping[str, str], emulator_url: str) -> dict[str, str]:
        """Pass on to this stack; returns its outputs with the edge's addresses."""
        self._socket_url = socket_url(outputs, emulator_url)
        super().lead_to(outputs, emulator_url)
        return at(self.url, outputs)

    async def pass_on(
        self, client: aiohttp.ClientSession, request: web.Request
    ) -> web.StreamResponse:
        """Ask the stack, and return what it answers; a socket stays open in between."""
        if request.path != SOCKET_PATH:
            return await super().pass_on(client, request)
        try:
            upstream = await client.ws_connect(
                self._socket_url,
                headers=_without_handshake(passed_on(request.headers)),
                protocols=_offered(request),
                max_msg_size=0,
            )
        except aiohttp.WSServerHandshakeError as refusal:
            return web.Response(status=refusal.status)
        protocols = (upstream.protocol,) if upstream.protocol else ()
        downstream = web.WebSocketResponse(protocols=protocols, max_msg_size=0)
        await downstream.prepare(request)
        await _connect(downstream, upstream)
        return downstream


_Socket = aiohttp.ClientWebSocketResponse | web.WebSocketResponse


async def _connect(
    downstream: web.WebSocketResponse, upstream: aiohttp.ClientWebSocketResponse
) -> None:
    """Pass messages on in both directions until one side closes."""
    pumps = {
        asyncio.create_task(_pump(downstream, upstream)),
        asyncio.create_task(_pump(upstream, downstream)),
    }
    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    await upstream.close()
    await downstream.close(code=upstream.close_code or aiohttp.WSCloseCode.OK)
    await asyncio.wait(pumps)


async def _pump(source: _Socket, target: _Socket) -> None:
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await target.send_bytes(message.data)


def _offered(request: web.Request) -> list[str]:
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    return [name.strip() for name in offered if name.strip()]


def _without_handshake(headers: Mapping[str, str]) -> dict[str, str]:
    return {n: value for n, value in headers.items() if not n.lower().startswith("sec-websocket")}
