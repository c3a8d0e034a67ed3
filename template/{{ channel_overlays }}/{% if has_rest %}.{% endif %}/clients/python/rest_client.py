"""A client of the bot's REST API, to copy into an application; needs the package `httpx`.

    python clients/python/rest_client.py "Hello!" "And tomorrow?"
    python clients/python/rest_client.py --url https://bot.example.com --token KEY --whole "Hello!"

Without questions it reads them from standard input, one a line.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

# A little longer than the bot itself gives a turn.
ANSWER_SECONDS = 200
_CONNECT_SECONDS = 10

Body = dict[str, Any]


class BotError(Exception):
    """The bot refused or failed; `code` is stable, `message` is for people.

    `status` is the HTTP status, 0 where there was none; `retry_after` the seconds to wait, if told.
    """

    def __init__(
        self, code: str, message: str, status: int = 0, retry_after: int | None = None
    ) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, with the ids of its turn.

    With `handoff` a person goes on with the chat: the text is empty from the second such answer on,
    and `operator_messages` returns what the person writes, until an answer comes without `handoff`.
    """

    text: str
    message_id: str
    chat_id: str
    session_id: str
    handoff: bool = False


class ChatbotClient:
    """One user's conversations over HTTP.

    Args:
        url: where the bot is, for instance http://127.0.0.1:8181.
        user_id: whose conversations they are; None if the token names the user.
        token: an API key or JSON Web Token, where the bot asks for one.
        chat_id: a chat to go on with; None opens a new one.
    """

    def __init__(
        self,
        url: str,
        user_id: str | None = None,
        token: str | None = None,
        chat_id: str | None = None,
    ) -> None:
        self.chat_id = chat_id
        self.session_id: str | None = None
        self._user_id = user_id
        self._read: set[str] = set()
        # A company's proxy cannot reach this machine's own addresses.
        is_local = urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=_CONNECT_SECONDS),
            trust_env=not is_local,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(self, question: str) -> Answer:
        """Ask, and return the whole answer. A cancelled call ends the turn at the bot too.

        Raises:
            BotError: there is no answer.
        """
        body = await self._request("POST", "/api/chats/completions", self._question(question))
        return self._keep(body)

    async def stream(self, question: str) -> AsyncGenerator[str | Answer, None]:
        """Ask, and yield the pieces of the answer as they are written, then the whole answer.

        Closing the iterator ends the turn at the bot too.

        Raises:
            BotError: there is no answer, or it broke off.
        """
        body = {**self._question(question), "stream": True}
        try:
            async with self._http.stream("POST", "/api/chats/completions", json=body) as response:
                await _raise_for_problem(response)
                async for event in _events(response):
                    match event["type"]:
                        case "start":
                            self.chat_id, self.session_id = event["chat_id"], event["session_id"]
                        case "token":
                            yield event["delta"]
                        case "error":
                            raise BotError(event["code"], event["message"], response.status_code)
                        case "end":
                            yield self._keep(event)
                            return
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        raise BotError("connection_lost", "The answer broke off.")

    async def chats(self, limit: int = 20, cursor: str | None = None) -> Body:
        """Return a page of the user's chats, the newest first: `items` and `next_cursor`."""
        return await self._list("/api/chats/", limit, cursor)

    async def messages(self, chat_id: str, limit: int = 20, cursor: str | None = None) -> Body:
        """Return a page of a chat's messages, the oldest first: `items` and `next_cursor`."""
        return await self._list(f"/api/chats/{quote(chat_id, safe='')}/messages", limit, cursor)

    async def operator_messages(self) -> list[Body]:
        """Return what a person wrote in this chat and was not returned before, the oldest first.

        To be called every two seconds or so while a person has the chat; it looks at the newest
        100 messages.
        """
        if self.chat_id is None:
            return []
        path = f"/api/chats/{quote(self.chat_id, safe='')}/messages"
        page = await self._request(
            "GET", path, query=self._user() | {"limit": "100", "order": "desc"}
        )
        new = [
            message
            for message in reversed(page["items"])
            if message["role"] == "operator" and message["message_id"] not in self._read
        ]
        self._read.update(message["message_id"] for message in new)
        return new

    async def rename(self, chat_id: str, title: str) -> Body:
        """Give a chat a title; returns the chat."""
        path = f"/api/chats/{quote(chat_id, safe='')}/title"
        return await self._request("PATCH", path, {"title": title}, self._user())

    async def rate(
        self, chat_id: str, message_id: str, rating: str | None, comment: str | None = None
    ) -> Body:
        """Say that an answer is `good` or `bad`, instead of what was said before; None takes it back.

        Args:
            comment: at most 1,000 characters.
        """
        chat, message = (quote(part, safe="") for part in (chat_id, message_id))
        path = f"/api/chats/{chat}/messages/{message}/feedback"
        body = {"rating": rating, "comment": comment}
        return await self._request("POST", path, body, self._user())

    async def _list(self, path: str, limit: int, cursor: str | None) -> Body:
        page = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
        return await self._request("GET", path, query=self._user() | page)

    async def _request(
        self, method: str, path: str, body: Body | None = None, query: dict[str, str] | None = None
    ) -> Body:
        try:
            response = await self._http.request(method, path, json=body, params=query)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        await _raise_for_problem(response)
        answer: Body = response.json()
        return answer

    def _question(self, question: str) -> Body:
        return {
            "user_id": self._user_id,
            "question": question,
            "chat_id": self.chat_id,
            "session_id": self.session_id,
        }

    def _user(self) -> dict[str, str]:
        return {"user_id": self._user_id} if self._user_id else {}

    def _keep(self, body: Body) -> Answer:
        self.chat_id, self.session_id = body["chat_id"], body["session_id"]
        return Answer(
            body["full_text"],
            body["message_id"],
            body["chat_id"],
            body["session_id"],
            body.get("handoff", False),
        )


async def _events(response: httpx.Response) -> AsyncIterator[Body]:
    """Yield the server-sent events of a response."""
    # Not by httpx's lines: those also end at characters that a text may have, such as U+2028.
    waiting = b""
    async for piece in response.aiter_bytes():
        *whole, waiting = (waiting + piece).split(b"\n\n")
        for block in whole:
            data = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
            if data:
                event: Body = json.loads(b"\n".join(data))
                yield event


async def _raise_for_problem(response: httpx.Response) -> None:
    if response.is_success:
        return
    status = response.status_code
    try:
        problem = json.loads(await response.aread())
        code, detail = problem["code"], problem["detail"]
    except (ValueError, KeyError, TypeError):
        code, detail = "refused", f"The server answered {status}."
    wait = response.headers.get("Retry-After", "")
    raise BotError(code, detail, status, int(wait) if wait.isdecimal() else None)


def _unreachable(error: httpx.HTTPError) -> BotError:
    return BotError("unreachable", f"No answer from the bot: {error or type(error).__name__}")


async def _questions(given: list[str]) -> AsyncIterator[str]:
    for question in given:
        yield question
    while not given and (line := await asyncio.to_thread(sys.stdin.readline)):
        if line.strip():
            yield line.strip()


async def _converse(options: argparse.Namespace) -> None:
    async with ChatbotClient(options.url, options.user, options.token, options.chat) as client:
        async for question in _questions(options.questions):
            if options.whole:
                answer = await client.ask(question)
                print(answer.text, end="")
            else:
                answer = await _print_pieces(client, question)
            print("\n" if answer.text else "")
            for message in await client.operator_messages() if answer.handoff else ():
                print(f"[person] {message['content']}\n")
            if answer.handoff:
                note = f"(A person has the chat; go on with --chat {answer.chat_id})"
                print(note, file=sys.stderr, flush=True)


async def _print_pieces(client: ChatbotClient, question: str) -> Answer:
    async for piece in client.stream(question):
        if isinstance(piece, Answer):
            return piece
        print(piece, end="", flush=True)
    raise BotError("connection_lost", "The answer broke off.")


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
    parser.add_argument("--whole", action="store_true", help="wait for the whole answer")
    try:
        asyncio.run(_converse(parser.parse_args()))
    except BotError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
