"""Talk to the bot in the terminal, without a server: `uv run python -m scripts.chat`."""

import argparse
import asyncio
import importlib
import sys
from contextlib import AsyncExitStack, aclosing, suppress

from app.core.config import SettingsError, load_settings
from app.core.errors import explained
from app.core.observability.logs import configure_logs
from app.core.ports.chat_storage import ChatStorage, ListingRequest
from app.core.service.chat.chat_service import ChatService
from app.core.service.feedback.feedback_service import Feedback, FeedbackService
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest, Session
from domain.dto.events import EndEvent, ErrorEvent, StartEvent, TokenEvent
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import StorageError
from infra.local_aws.errors import LocalAwsError
from scripts import chat_texts

_NEW, _QUIT = "/new", "/quit"
# Behind them may stand a comment.
_RATINGS = {"/good": True, "/bad": False, "/unrate": None}
# More than a person writes between two looks.
_LATEST_MESSAGES = 50


class Conversation:
    """One person's chat with the bot; the answers are printed while they are written."""

    def __init__(
        self,
        chat_service: ChatService,
        storage: ChatStorage,
        feedback: FeedbackService,
        user_id: str,
    ) -> None:
        self._chat_service = chat_service
        self._storage = storage
        self._feedback = feedback
        self._user_id = user_id
        self._last_answer: str | None = None
        self._session: Session | None = None
        self._is_handed_over = False
        self._read: set[str] = set()

    async def ask(self, question: str) -> None:
        """Print the answer to a question; cancelling it cancels the model's call."""
        await self.read()
        session = self._session
        request = ChatRequest(
            user_id=self._user_id,
            question=question,
            chat_id=session.chat_id if session else None,
            session_id=session.session_id if session else None,
            stream=True,
            channel="terminal",
        )
        async with aclosing(self._chat_service.run(request, session)) as events:
            async for event in events:
                if isinstance(event, StartEvent):
                    self._session = event.session
                elif isinstance(event, TokenEvent):
                    print(event.delta, end="", flush=True)
                elif isinstance(event, ErrorEvent):
                    print(event.message, end="")
                elif isinstance(event, EndEvent):
                    self._is_handed_over = event.handoff
                    if event.full_text:
                        self._last_answer = event.message_id
        print("\n")
        if self._is_handed_over:
            print(f"{chat_texts.HANDED_OVER}\n")

    async def read(self) -> None:
        """Print what a person wrote since the last look, if the chat was handed over."""
        if self._session is None or not self._is_handed_over:
            return
        latest = ListingRequest(_LATEST_MESSAGES, newest_first=True)
        try:
            page = await self._storage.list_messages(self._user_id, self._session.chat_id, latest)
        except StorageError as error:
            print(f"{explained(error).message}\n")
            return
        for message in reversed(page.items if page else ()):
            if message.role == "operator" and message.message_id not in self._read:
                self._read.add(message.message_id)
                print(f"{chat_texts.OPERATOR}{message.content}\n")

    async def rate(self, is_good: bool | None, comment: str) -> None:
        """Say what the person thinks of the last answer, instead of what they thought before."""
        if self._session is None or self._last_answer is None:
            print(f"{chat_texts.NOTHING_TO_RATE}\n")
            return
        feedback = Feedback(self._session.chat_id, self._last_answer, is_good, comment)
        try:
            await self._feedback.rate(self._user_id, feedback)
        except (BusinessException, StorageError) as error:
            print(f"{explained(error).message}\n")
        else:
            print(f"{chat_texts.RATED}\n")

    async def end(self) -> None:
        """End the session; the next question opens a new chat."""
        session, self._session = self._session, None
        self._last_answer = None
        self._is_handed_over = False
        if session is not None:
            await self._chat_service.end_session(session)


def converse(runner: asyncio.Runner, conversation: Conversation, prompt: str) -> None:
    """Read questions until the input ends; Ctrl-C ends an answer, and at the prompt the program."""
    while True:
        try:
            line = input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line == _QUIT:
            return
        command, _, rest = line.partition(" ")
        if line == _NEW:
            runner.run(conversation.end())
            print(chat_texts.NEW_CHAT)
        elif command in _RATINGS:
            runner.run(conversation.rate(_RATINGS[command], rest))
        elif line:
            try:
                runner.run(conversation.ask(line))
            except KeyboardInterrupt:
                print(f"\n{chat_texts.CANCELLED}\n")
        else:
            runner.run(conversation.read())


def main() -> None:
    options = _options()
    # A Windows console may not have every character that the bot uses.
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    # Where the system has it, the arrow keys work in the prompt.
    with suppress(ImportError):
        importlib.import_module("readline")
    configure_logs("INFO" if options.logs else "CRITICAL")
    try:
        container = ApplicationContainer(settings=load_settings(OwnerSettings))
        with asyncio.Runner() as runner:
            parts = AsyncExitStack()
            print(chat_texts.STARTING)
            runner.run(parts.enter_async_context(running(container)))
            print(chat_texts.WELCOME.format(new=_NEW, quit=_QUIT))
            conversation = Conversation(
                container.services.chat_service(),
                container.repositories.chat_repository(),
                container.services.feedback_service(),
                options.user,
            )
            try:
                converse(runner, conversation, chat_texts.PROMPT if is_terminal else "")
                runner.run(conversation.end())
            finally:
                runner.run(parts.aclose())
    except (SettingsError, LocalAwsError, StorageError) as error:
        sys.exit(str(error))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.chat", description=__doc__)
    parser.add_argument("--user", default="terminal", help="your user id (%(default)s)")
    parser.add_argument("--logs", action="store_true", help="show the bot's logs too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
