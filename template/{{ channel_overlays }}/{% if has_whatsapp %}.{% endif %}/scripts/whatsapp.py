"""Talk to the bot as on WhatsApp, without Meta: `uv run python -m scripts.whatsapp`.

It stands in for the Graph API at WHATSAPP_GRAPH_URL, signs what you type with WHATSAPP_APP_SECRET,
delivers it to the bot's webhook, and shows what the bot sends back. `/react 👍` puts a reaction beside
the bot's last message, `/react` alone takes it back.
"""

import argparse
import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

from app.core.config import Settings, SettingsError, load_settings
from scripts.whatsapp_stand_in import (
    GraphCall,
    GraphStandIn,
    Payload,
    Sender,
    deliver,
    delivery_of,
    message_of,
    text_message,
)

_REACT = "/react"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DELIVERY_SECONDS = 20
_PATIENCE_SECONDS = 60.0
# The bot waits a moment for what belongs to a photo.
_ALBUM_SECONDS = 3.0
_PART_SECONDS = 0.3

_BLUE, _GREEN, _GREY, _RED, _PLAIN = "\033[34m", "\033[32m", "\033[90m", "\033[31m", "\033[0m"


class Screen:
    """Prints the conversation, in colour where there is a terminal."""

    def __init__(self, typist: str) -> None:
        """Args:
        typist: the id of whoever types, whose replies are waited for.
        """
        # A Windows console may not have every character that the bot uses.
        for stream in (sys.stdin, sys.stdout):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self.heard = asyncio.Event()
        self.typist = typist

    def prompt(self) -> None:
        if self.is_terminal:
            print(self._painted(_BLUE, "you > "), end="", flush=True)

    def show_call(self, call: GraphCall) -> None:
        """Show what the bot sent: a message, or that it has read ours and is typing."""
        if call.is_read_mark:
            self._line(self._painted(_GREY, "      ✓✓ read, typing…"))
            return
        is_ours = call.recipient == self.typist
        to_whom = "" if is_ours else f"(to {call.recipient}) "
        text = call.text.replace("\n", "\n      ")
        self._line(self._painted(_GREEN, f"bot < {to_whom}") + text)
        if is_ours:
            self.heard.set()
        self.prompt()

    def note(self, text: str) -> None:
        self._line(self._painted(_GREY, text))

    def problem(self, text: str) -> None:
        self._line(self._painted(_RED, text))

    def _line(self, text: str) -> None:
        # Over the waiting prompt, not behind it.
        print(f"\r{text}" if self.is_terminal else text, flush=True)

    def _painted(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self.is_terminal else text


class Phone:
    """One person's telephone: what is written on it reaches the bot."""

    def __init__(
        self,
        screen: Screen,
        http: httpx.AsyncClient,
        settings: Settings,
        options: argparse.Namespace,
    ) -> None:
        self._screen = screen
        self._http = http
        self._secret = settings.whatsapp_app_secret.get_secret_value()
        self._phone_number_id = settings.whatsapp_phone_number_id
        self._url = f"{options.url.rstrip('/')}/webhook/whatsapp"
        self._copies = 1 + options.duplicate
        self._sender = Sender(options.sender, options.user_id, options.name)

    async def write(self, text: str) -> None:
        message = text_message(self._sender, text)
        await self.deliver(delivery_of([message], [self._sender], self._phone_number_id))

    async def react(self, message_id: str | None, emoji: str) -> None:
        """Put the emoji beside the bot's message, or take it back where there is none."""
        if message_id is None:
            self._screen.problem("The bot has sent nothing yet.")
            return
        reaction = {"message_id": message_id, **({"emoji": emoji} if emoji else {})}
        message = message_of(self._sender, {"type": "reaction", "reaction": reaction})
        await self.deliver(delivery_of([message], [self._sender], self._phone_number_id))

    async def deliver(self, payload: Payload) -> None:
        """Deliver a payload, as often as asked for, and say so if the bot does not take it."""
        for _ in range(self._copies):
            try:
                answer = await deliver(self._http, self._url, self._secret, payload)
            except httpx.HTTPError as error:
                self._screen.problem(
                    f"No answer from {self._url} ({type(error).__name__})."
                    " Start the bot in another terminal: uv run python main.py"
                )
                return
            if answer.status_code != 200:
                self._screen.problem(
                    f"The webhook answered {answer.status_code}: {answer.text[:300]}"
                )


def main() -> None:
    options = _options()
    try:
        asyncio.run(_converse(options))
    except KeyboardInterrupt:
        print()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.whatsapp", description=__doc__)
    add = parser.add_argument
    add("--url", help="where the bot listens (default: HOST and PORT of .env)")
    add("--sender", default="5511999990000", help="the number you write from (%(default)s)")
    add("--no-number", action="store_true", help="hide the number; needs --user-id")
    add("--user-id", help="your business-scoped id, for example BR.1502576394655843")
    add("--name", default="Local", help="your profile name (%(default)s)")
    add("--file", type=Path, help="deliver the payloads of a JSON or JSON Lines file, then go on")
    add("--duplicate", type=int, default=0, metavar="N", help="deliver everything N times more")
    options = parser.parse_args()
    if options.no_number:
        if not options.user_id:
            parser.error("--no-number needs --user-id")
        options.sender = None
    return options


async def _converse(options: argparse.Namespace) -> None:
    try:
        settings = load_settings()
    except SettingsError as error:
        _stop(f"Settings: {error}")
    options.url = options.url or _bot_url(settings)
    if not settings.whatsapp_app_secret.get_secret_value():
        _stop("WHATSAPP_APP_SECRET is empty. Copy .env-template to .env, or set it there.")
    port = _graph_port(settings)
    screen = Screen(options.sender or options.user_id)
    graph = GraphStandIn(screen.show_call)
    try:
        await graph.start(port)
    except OSError as error:
        _stop(f"WHATSAPP_GRAPH_URL={settings.whatsapp_graph_url} cannot be listened on: {error}")
    screen.note(f"The Graph API is {graph.url}, the bot {options.url}. Ctrl-C ends.")
    try:
        # trust_env=False: a company's proxy cannot reach this machine's loopback.
        async with httpx.AsyncClient(timeout=_DELIVERY_SECONDS, trust_env=False) as http:
            phone = Phone(screen, http, settings, options)
            for payload in _payloads(options.file) if options.file else ():
                await phone.deliver(payload)
            if options.file and not screen.is_terminal:
                await asyncio.sleep(_ALBUM_SECONDS)
            await _type(screen, phone, graph)
    finally:
        await graph.stop()


async def _type(screen: Screen, phone: Phone, graph: GraphStandIn) -> None:
    screen.prompt()
    async for line in _lines():
        screen.heard.clear()
        command, _, emoji = line.strip().partition(" ")
        if command == _REACT:
            # It gets no reply.
            await phone.react(graph.last_ids.get(screen.typist), emoji)
            screen.prompt()
        elif command:
            await phone.write(line)
            if not screen.is_terminal:
                await _hear(screen)
        else:
            screen.prompt()


async def _hear(screen: Screen) -> None:
    """Wait for the reply, as a person does who is not typing but read from a file."""
    try:
        await asyncio.wait_for(screen.heard.wait(), _PATIENCE_SECONDS)
    except TimeoutError:
        screen.problem(f"No reply within {_PATIENCE_SECONDS:.0f} s.")
    # Long replies come in parts.
    await asyncio.sleep(_PART_SECONDS)


async def _lines() -> AsyncIterator[str]:
    """Yield the lines of standard input; a thread reads them, as Windows has no other way."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(queue.put_nowait, line.rstrip("\r\n"))
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line


def _payloads(file: Path) -> list[Payload]:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        _stop(f"{file}: {error.strerror}")
    try:
        document = json.loads(text)
    except ValueError:
        document = [_json_line(file, line) for line in text.splitlines() if line.strip()]
    return document if isinstance(document, list) else [document]


def _json_line(file: Path, line: str) -> Payload:
    try:
        payload: Payload = json.loads(line)
    except ValueError as error:
        _stop(f"{file} is neither JSON nor JSON Lines: {error}")
    return payload


def _bot_url(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{host}:{settings.port}"


def _graph_port(settings: Settings) -> int:
    url = urlsplit(settings.whatsapp_graph_url)
    if url.scheme != "http" or url.hostname not in _LOOPBACK or url.port is None:
        _stop(
            f"WHATSAPP_GRAPH_URL is {settings.whatsapp_graph_url}: the bot would answer through"
            " Meta. For this script set WHATSAPP_GRAPH_URL=http://127.0.0.1:8190 in .env and"
            " restart the bot."
        )
    return url.port


def _stop(message: str) -> NoReturn:
    sys.exit(message)


if __name__ == "__main__":
    main()
