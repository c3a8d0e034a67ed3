"""The least that could do a bot's work: bare FastAPI on the same wire, without graph, table and limits.

python floor.py MODEL_URL, until it is told to end. It streams what the model says, and
acknowledges a signed delivery of WhatsApp.
"""

import hashlib
import hmac
import json
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import uvicorn
from botocore.eventstream import EventStreamBuffer
from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect

_PATH = "/model/floor/converse-stream"


def application(model: str, secret: bytes) -> FastAPI:
    """Return an application that asks the model at this address."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            app.state.http = http
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/webhook/whatsapp")
    async def delivered(request: Request) -> dict[str, str]:
        body = await request.body()
        signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, request.headers.get("x-hub-signature-256", "")):
            raise HTTPException(401)
        json.loads(body)
        return {"status": "ok"}

    @app.websocket("/ws/chat/completions")
    async def chat_socket(chat: WebSocket) -> None:
        await chat.accept()
        await chat.send_json({"type": "connected"})
        try:
            while True:
                await _turn(chat, await chat.receive_json(), app.state.http, model)
        except WebSocketDisconnect:
            return

    return app


async def _turn(
    chat: WebSocket, asked: dict[str, str], http: aiohttp.ClientSession, model: str
) -> None:
    await chat.send_json({"type": "start"})
    body = {"messages": [{"role": "user", "content": [{"text": asked["question"]}]}]}
    text = ""
    async with http.post(model + _PATH, json=body) as response:
        buffer = EventStreamBuffer()
        async for data in response.content.iter_any():
            buffer.add_data(data)
            for event in buffer:
                if event.headers[":event-type"] == "contentBlockDelta":
                    delta = json.loads(event.payload)["delta"]["text"]
                    text += delta
                    await chat.send_json({"type": "token", "delta": delta})
    await chat.send_json({"type": "agent_response", "content": text})
    await chat.send_json({"type": "end", "full_text": text})


def main(model: str) -> None:
    """Serve, and log the address as a bot does."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    logging.basicConfig(level=logging.WARNING)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    print(json.dumps({"event": "listening", "url": url}), file=sys.stderr, flush=True)
    config = uvicorn.Config(
        application(model, os.environ["WHATSAPP_APP_SECRET"].encode()),
        log_level="warning",
        access_log=False,
        # As in the bot: else each idle socket of a browser costs twice as much.
        ws_per_message_deflate=False,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
