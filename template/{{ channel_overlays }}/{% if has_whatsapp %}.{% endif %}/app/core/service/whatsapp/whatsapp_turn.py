"""One question of a person on WhatsApp, put to the bot."""

from collections.abc import Callable
from contextlib import aclosing

from app.core.ports.chat_storage import ChatStorage
from app.core.service.chat.chat_service import ChatService
from app.core.service.whatsapp.held_lock import HeldLock
from app.core.service.whatsapp.texts import CHAT_BUDGET_SPENT, TURN_FAILED
from app.core.service.whatsapp.user_ids import user_id_of
from domain.dto.chat import ChatRequest
from domain.dto.events import EndEvent, ErrorEvent, StartEvent
from domain.exceptions.storage import StorageUnavailable

CHANNEL = "whatsapp"


class TurnInterrupted(Exception):
    """The bot is shutting down; the question waits for the next process."""


class WhatsAppTurn:
    """Keeps a person's session, and turns the events of their turn into the text of a reply."""

    def __init__(self, chat_service: ChatService, storage: ChatStorage) -> None:
        self._chat_service = chat_service
        self._storage = storage

    @property
    def is_stopping(self) -> bool:
        """Whether questions would be refused because the bot shuts down."""
        return self._chat_service.is_stopping

    async def ask(self, held: HeldLock, question: str, on_answering: Callable[[], None]) -> str:
        """Return the reply to the question: the bot's answer, or a sentence that says why not.

        Args:
            on_answering: called once the bot begins to answer, which it does not while a person has
                the chat; the reply is then empty.

        Raises:
            TurnInterrupted: it is to be asked again by the next process.
            StorageError: it is to be asked again later.
        """
        session = held.session
        if session is not None and not session.is_active:
            await self._chat_service.end_session(session)
            # What was handed over stays with the operator, however long the person was away.
            if not await self.is_handed_over(held):
                held.session = None
        reply = await self._run(held, question, on_answering)
        if reply is None:
            # The chat is gone, or is not theirs any more: as good as a first message.
            await held.save_session(None)
            reply = await self._run(held, question, on_answering)
        return TURN_FAILED if reply is None else reply

    async def reset(self, held: HeldLock) -> None:
        """End the session, so that the next message begins a new chat.

        Raises:
            StorageError: it is to be repeated later.
        """
        if held.session is not None:
            await self._chat_service.end_session(held.session)
            await held.save_session(None)

    async def is_handed_over(self, held: HeldLock) -> bool:
        """Tell whether a person goes on with the chat.

        Raises:
            StorageError: it is to be asked again later.
        """
        session = held.session
        if session is None:
            return False
        recent = await self._storage.recent_turns(session.user_id, session.chat_id, limit=1)
        return recent is not None and recent.ticket is not None

    async def _run(
        self, held: HeldLock, question: str, on_answering: Callable[[], None]
    ) -> str | None:
        """Return the reply, or None if the chat of the session was not found."""
        known = held.session
        request = ChatRequest(
            user_id=user_id_of(held.person),
            question=question,
            chat_id=known.chat_id if known else None,
            session_id=known.session_id if known else None,
            channel=CHANNEL,
        )
        async with aclosing(self._chat_service.run(request, known)) as events:
            async for event in events:
                match event:
                    case StartEvent(session=session, handoff=handoff):
                        if not handoff:
                            on_answering()
                        if known is None or session.session_id != known.session_id:
                            await held.save_session(session)
                        held.session = session
                    case EndEvent(full_text=text):
                        return text
                    case ErrorEvent(code="shutting_down"):
                        raise TurnInterrupted
                    case ErrorEvent(code="storage_unavailable"):
                        raise StorageUnavailable("the turn could not be stored")
                    case ErrorEvent(code="chat_not_found") if known is not None:
                        return None
                    case ErrorEvent(code="chat_budget_spent"):
                        return CHAT_BUDGET_SPENT
                    case ErrorEvent(message=sentence):
                        return sentence
                    case _:
                        continue
        return TURN_FAILED
