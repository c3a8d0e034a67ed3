"""A client of the bot's WebSocket, to copy into an application; needs the package `websockets`.

    python clients/python/websocket_client.py "Hello!" "And tomorrow?"
    python clients/python/websocket_client.py --url https://bot.example.com --token KEY

Without questions it reads them from standard input, one a line.
"""

import argparse
import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

PATH = "/ws/chat/completions"
# A little longer than the bot itself gives a turn.
ANSWER_SECONDS = 200
_CONNECT_SECONDS = 10
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 15.0

Event = dict[str, Any]


class BotError(Exception):
    """The bot refused or failed; `code` is stable, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, with the ids of its turn.

    With `handoff` a person goes on with the chat: the text is empty from the second such answer on,
    and what the person writes comes while `listen` runs.
    """

    text: str
    message_id: str
    chat_id: str
    session_id: str
    handoff: bool = False


class ChatbotClient:
    """One conversation over one connection, which is opened again when it is lost.

    Args:
        url: where the bot is, for instance http://127.0.0.1:8181.
        user_id: whose conversation it is; None if the token names the user.
        token: an API key or JSON Web Token, where the bot asks for one.
        chat_id: a chat to go on with; None opens a new one.
        on_operator_message: called with each text that a person writes in the chat.
    """

    def __init__(
        self,
        url: str,
        user_id: str | None = None,
        token: str | None = None,
        chat_id: str | None = None,
        on_operator_message: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.chat_id = chat_id
        self.session_id: str | None = None
        self._on_operator_message = on_operator_message
        self._newest: str | None = None
        self._read: set[str] = set()
        self._url = url.rstrip("/").replace("http", "ws", 1) + PATH
        self._user_id = user_id
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._connection: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def connect(self) -> None:
        """Connect, with growing pauses between the attempts while the bot is out of reach.

        Raises:
            BotError: the bot refused the connection, or stayed out of reach (`unreachable`).
        """
        for attempt in range(_ATTEMPTS):
            if attempt:
                await asyncio.sleep(_pause(attempt))
            try:
                self._connection = await self._open()
                return
            except InvalidStatus as error:
                if error.response.status_code < 500:
                    raise _refusal(error) from error
                last: Exception = error
            except (OSError, TimeoutError, ConnectionClosed) as error:
                last = error
        raise BotError("unreachable", f"No connection to {self._url}: {last}") from last

    async def ask(self, question: str, on_token: Callable[[str], None] | None = None) -> Answer:
        """Ask, and return the answer; `on_token` is called with its pieces as they are written.

        A cancelled call ends the turn at the bot too. A question is never asked twice: where the
        connection is lost behind it, the error is `connection_lost`.

        Raises:
            BotError: there is no answer.
        """
        request = {
            "user_id": self._user_id,
            "question": question,
            "chat_id": self.chat_id,
            "session_id": self.session_id,
            "stream": on_token is not None,
        }
        connection = await self._send(request)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._answer(connection, on_token)
        except ConnectionClosed as error:
            self._connection = None
            raise BotError("connection_lost", "The connection was lost.") from error
        except TimeoutError as error:
            await self.close()
            raise BotError("timeout", "The bot did not answer in time.") from error
        except asyncio.CancelledError:
            await self.close()
            raise

    async def rate(self, message_id: str, rating: str | None, comment: str | None = None) -> None:
        """Say that an answer of this chat is `good` or `bad`; None takes it back.

        It replaces what was said before, and is to be called between `ask` and `listen`, not during
        them: all three read the events of the one connection.

        Args:
            comment: at most 1,000 characters.

        Raises:
            BotError: it is not kept.
        """
        feedback = {"message_id": message_id, "rating": rating, "comment": comment}
        request = {"type": "feedback", "user_id": self._user_id, "chat_id": self.chat_id}
        connection = await self._send(request | feedback)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                while True:
                    event: Event = json.loads(await connection.recv())
                    match event["type"]:
                        case "feedback_recorded":
                            return
                        case "operator_message":
                            self._receive_operator_message(event)
                        case "error":
                            raise BotError(event["code"], event["message"])
        except ConnectionClosed as error:
            self._connection = None
            raise BotError("connection_lost", "The connection was lost.") from error
        except TimeoutError as error:
            await self.close()
            raise BotError("timeout", "The bot did not answer in time.") from error

    async def cancel(self) -> None:
        """Cancel the answer that is being written: its `ask` fails with the code `cancelled`."""
        if self._connection is not None:
            await self._connection.send(json.dumps({"type": "cancel"}))

    async def listen(self) -> None:
        """Receive what a person writes, until they give the chat back to the bot.

        Cancel it to ask something meanwhile, and call it again after that: nothing is lost. It
        connects again by itself.

        Raises:
            BotError: there is no such chat, or the bot stayed out of reach.
        """
        request = {"type": "follow", "user_id": self._user_id, "chat_id": self.chat_id}
        while True:
            connection = await self._send(request | {"after": self._newest})
            try:
                while True:
                    event: Event = json.loads(await connection.recv())
                    match event["type"]:
                        case "operator_message":
                            self._receive_operator_message(event)
                        case "following" if not event["handoff"]:
                            return
                        case "handoff_ended":
                            return
                        case "error":
                            raise BotError(event["code"], event["message"])
            except ConnectionClosed:
                self._connection = None

    async def close(self) -> None:
        """Disconnect; the bot ends the session, and the next question connects again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _open(self) -> ClientConnection:
        is_local = urlsplit(self._url).hostname in ("127.0.0.1", "::1", "localhost")
        connection = await connect(
            self._url,
            additional_headers=self._headers,
            open_timeout=_CONNECT_SECONDS,
            # A company's proxy cannot reach this machine's own addresses.
            proxy=None if is_local else True,
        )
        async with asyncio.timeout(_CONNECT_SECONDS):
            greeting = json.loads(await connection.recv())
        if greeting["type"] != "connected":
            await connection.close()
            raise BotError("protocol", f"The bot greeted with {greeting['type']}.")
        return connection

    async def _send(self, request: Event) -> ClientConnection:
        if self._connection is None:
            await self.connect()
        assert self._connection is not None
        try:
            await self._connection.send(json.dumps(request))
        except ConnectionClosed:
            # Closed while nobody asked anything, so that the question was not sent.
            await self.connect()
            await self._connection.send(json.dumps(request))
        return self._connection

    async def _answer(
        self, connection: ClientConnection, on_token: Callable[[str], None] | None
    ) -> Answer:
        while True:
            event: Event = json.loads(await connection.recv())
            match event["type"]:
                case "start":
                    self.chat_id, self.session_id = event["chat_id"], event["session_id"]
                case "token" if on_token is not None:
                    on_token(event["delta"])
                case "operator_message":
                    self._receive_operator_message(event)
                case "error":
                    raise BotError(event["code"], event["message"])
                case "end":
                    if event["full_text"]:
                        self._newest = max(self._newest or "", event["message_id"])
                    return Answer(
                        text=event["full_text"],
                        message_id=event["message_id"],
                        chat_id=event["chat_id"],
                        session_id=event["session_id"],
                        handoff=event.get("handoff", False),
                    )

    def _receive_operator_message(self, event: Event) -> None:
        if event["message_id"] in self._read:
            return
        self._read.add(event["message_id"])
        self._newest = max(self._newest or "", event["message_id"])
        self._on_operator_message(event["content"])


def _pause(attempt: int) -> float:
    """Return the seconds before an attempt: twice as many each time, not the same for all."""
    longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1))
    return longest * random.uniform(0.5, 1)  # noqa: S311


def _refusal(error: InvalidStatus) -> BotError:
    try:
        problem = json.loads(error.response.body or b"")
        return BotError(problem["code"], problem["detail"])
    except (ValueError, KeyError, TypeError):
        return BotError("refused", f"The server answered {error.response.status_code}.")


async def _questions(given: list[str]) -> AsyncIterator[str]:
    for question in given:
        yield question
    while not given and (line := await asyncio.to_thread(sys.stdin.readline)):
        if line.strip():
            yield line.strip()


async def _converse(options: argparse.Namespace) -> None:
    client = ChatbotClient(
        options.url,
        options.user,
        options.token,
        options.chat,
        on_operator_message=lambda text: print(f"[person] {text}\n", flush=True),
    )
    async with client:
        listening: asyncio.Task[None] | None = None
        async for question in _questions(options.questions):
            if listening is not None:
                listening.cancel()
                await asyncio.wait([listening])
            answer = await client.ask(
                question, on_token=lambda piece: print(piece, end="", flush=True)
            )
            print("\n" if answer.text else "", flush=True)
            listening = asyncio.create_task(client.listen()) if answer.handoff else None
        if listening is not None:
            print("(A person has the chat; Ctrl-C leaves.)", file=sys.stderr, flush=True)
            await listening


def main() -> None:
    # A Windows console may not have every character that the bot uses.
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="*")
    parser.add_argument("--url", default="http://127.0.0.1:8181", help="%(default)s")
    parser.add_argument("--user", default="user_123", help="your user id (%(default)s)")
    parser.add_argument(
        "--token", default=os.environ.get("CHATBOT_TOKEN"), help="or set CHATBOT_TOKEN"
    )
    parser.add_argument("--chat", help="the id of a chat to go on with")
    try:
        asyncio.run(_converse(parser.parse_args()))
    except BotError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
