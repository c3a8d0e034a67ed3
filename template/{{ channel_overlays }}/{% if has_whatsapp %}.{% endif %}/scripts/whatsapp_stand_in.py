"""A stand-in for Meta on this machine: signed deliveries to the webhook, and a small Graph API."""

import asyncio
import contextlib
import json
import secrets
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.core.service.whatsapp.signature import SIGNATURE_HEADER, sign

_MAX_BODY_BYTES = 1024 * 1024

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes to the bot; without a number, someone who hides it behind a username."""

    phone: str | None = None
    business_scoped_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class GraphCall:
    """A request that the bot made; `at` is the monotonic time of its arrival."""

    path: str
    authorization: str
    payload: Payload
    at: float = field(default_factory=time.monotonic)

    @property
    def is_read_mark(self) -> bool:
        return self.payload.get("status") == "read"

    @property
    def recipient(self) -> str:
        return str(self.payload.get("to") or self.payload.get("recipient") or "")

    @property
    def text(self) -> str:
        return str(self.payload.get("text", {}).get("body", ""))


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """What the Graph API says to one request for sending, once `after` is set where there is one.

    With `drop` it closes the connection instead.
    """

    status: int = 200
    body: Payload | str = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    after: asyncio.Event | None = None
    drop: bool = False


def accepted(delay_seconds: float = 0.0, after: asyncio.Event | None = None) -> GraphAnswer:
    """Return Meta's acceptance of a message."""
    body = {"messaging_product": "whatsapp", "messages": [{"id": new_message_id()}]}
    return GraphAnswer(body=body, delay_seconds=delay_seconds, after=after)


class GraphStandIn:
    """Accepts what the bot sends, but for `answers_to` a recipient's next messages, in order.

    `last_ids` are the ids of the newest message to each recipient.
    """

    def __init__(self, on_call: Callable[[GraphCall], None] | None = None) -> None:
        self.url = ""
        self.calls: list[GraphCall] = []
        self.answers_to: defaultdict[str, deque[GraphAnswer]] = defaultdict(deque)
        self.last_ids: dict[str, str] = {}
        self._on_call = on_call
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def sent(self) -> list[GraphCall]:
        """The requests for sending a message, refused ones included."""
        return [call for call in self.calls if not call.is_read_mark]

    def texts_to(self, recipient: str) -> list[str]:
        """Return the texts of all requests for sending to one person."""
        return [call.text for call in self.sent if call.recipient == recipient]

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; `url` is then the value for WHATSAPP_GRAPH_URL."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Close the server and every connection."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        except asyncio.CancelledError:
            # asyncio would report it as an error of its own when the stand-in stops.
            return
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        length = min(int(headers.get("content-length", "0")), _MAX_BODY_BYTES)
        payload = json.loads(await reader.readexactly(length) or b"{}")
        call = GraphCall(first.split(" ")[1], headers.get("authorization", ""), payload)
        self.calls.append(call)
        answer = self._answer(call)
        if self._on_call is not None:
            self._on_call(call)
        await asyncio.sleep(answer.delay_seconds)
        if answer.after is not None:
            await answer.after.wait()
        if answer.drop:
            return False
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        fields = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body.encode())),
            **answer.headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {answer.status} Answer\r\n{head}\r\n{body}".encode())
        await writer.drain()
        return True

    def _answer(self, call: GraphCall) -> GraphAnswer:
        if call.is_read_mark:
            return GraphAnswer(body={"success": True})
        answers = self.answers_to.get(call.recipient)
        answer = answers.popleft() if answers else accepted()
        if isinstance(answer.body, dict) and "messages" in answer.body:
            self.last_ids[call.recipient] = answer.body["messages"][0]["id"]
        return answer


@contextlib.asynccontextmanager
async def graph_stand_in() -> AsyncIterator[GraphStandIn]:
    """Run a stand-in for the Graph API on a free port."""
    graph = GraphStandIn()
    await graph.start()
    try:
        yield graph
    finally:
        await graph.stop()


def new_message_id() -> str:
    return f"wamid.{secrets.token_urlsafe(24)}"


def text_message(
    sender: Sender, text: str, *, message_id: str | None = None, sent_at: int | None = None
) -> Payload:
    """Return a text message as it stands in a delivery."""
    return message_of(
        sender, {"type": "text", "text": {"body": text}}, message_id=message_id, sent_at=sent_at
    )


def message_of(
    sender: Sender, content: Payload, *, message_id: str | None = None, sent_at: int | None = None
) -> Payload:
    """Return a message of any kind as it stands in a delivery."""
    message: Payload = {
        "id": message_id or new_message_id(),
        "timestamp": str(int(time.time()) if sent_at is None else sent_at),
        **content,
    }
    if sender.phone is not None:
        message["from"] = sender.phone
    if sender.business_scoped_id is not None:
        message["from_user_id"] = sender.business_scoped_id
    return message


def delivery_of(
    messages: Sequence[object], senders: Sequence[Sender] = (), phone_number_id: str = "1"
) -> Payload:
    """Return a delivery with the messages in one change, and the senders as its contacts."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550000000", "phone_number_id": phone_number_id},
        "contacts": [_contact(sender) for sender in senders],
        "messages": list(messages),
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }


def _contact(sender: Sender) -> Payload:
    contact: Payload = {}
    if sender.name is not None:
        contact["profile"] = {"name": sender.name}
    if sender.phone is not None:
        contact["wa_id"] = sender.phone
    if sender.business_scoped_id is not None:
        contact["user_id"] = sender.business_scoped_id
    return contact


def to_json(payload: object) -> bytes:
    """Return a body as Meta writes it: in ASCII, also with its slashes escaped."""
    return json.dumps(payload).replace("/", "\\/").encode()


async def deliver(
    http: httpx.AsyncClient, webhook_url: str, app_secret: str, payload: object
) -> httpx.Response:
    """Post a payload to the webhook, signed as Meta does."""
    body = to_json(payload)
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: sign(app_secret, body)}
    return await http.post(webhook_url, content=body, headers=headers)
