"""One question of a person on WhatsApp, put to the bot."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing

from app.core.ports.chat_storage import ChatStorage
from app.core.service.chat.chat_service import ChatService
from app.core.service.whatsapp.bursts import MAX_MESSAGES
from app.core.service.whatsapp.held_lock import HeldLock
from app.core.service.whatsapp.question_keys import question_key_of
from app.core.service.whatsapp.texts import CHAT_BUDGET_SPENT, TURN_FAILED
from app.core.service.whatsapp.user_ids import user_id_of
from domain.dto.chat import ChatRequest, Message, Session
from domain.dto.events import EndEvent, ErrorEvent, StartEvent
from domain.dto.whatsapp_inbox import InboxEntry
from domain.dto.whatsapp_sent import AnswerReference
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

    async def begun(self, held: HeldLock, waiting: Sequence[InboxEntry]) -> tuple[InboxEntry, ...]:
        """Return those of the waiting messages that an interrupted turn had asked as one question.

        Raises:
            StorageError: it is to be asked again later.
        """
        user_id = user_id_of(held.person)
        ids = {f"msg_{question_key_of(entry)}": place for place, entry in enumerate(waiting)}
        chat_ids = [f"chat_{question_key_of(entry)}" for entry in waiting[:MAX_MESSAGES]]
        if held.session is not None and held.session.is_active:
            chat_ids = [held.session.chat_id]
        chats = await asyncio.gather(
            *(self._storage.recent_turns(user_id, chat_id) for chat_id in chat_ids)
        )
        for chat_id, chat in zip(chat_ids, chats, strict=True):
            for question in reversed(chat.messages if chat is not None else ()):
                if question.message_id in ids:
                    await self._find_session(held, chat_id, question)
                    return _asked_together(waiting[ids[question.message_id] :], question.content)
        return ()

    async def _find_session(self, held: HeldLock, chat_id: str, question: Message) -> None:
        """Go on with the session that the question opened, should nobody have noted it."""
        if held.session is not None and held.session.chat_id == chat_id:
            return
        session_id = f"sess{question.message_id.removeprefix('msg')}"
        at = question.created_at
        await held.save_session(Session(session_id, chat_id, question.user_id, at, at))

    async def ask(
        self, held: HeldLock, question: str, key: str, on_answering: Callable[[], None]
    ) -> str:
        """Return the reply to the question: the bot's answer, or a sentence that says why not.

        Args:
            key: stands for the question, so that it is known when it is asked again.
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
        reply = await self._run(held, question, key, on_answering)
        if reply is None:
            # The chat is gone, or is not theirs any more: as good as a first message.
            await held.save_session(None)
            reply = await self._run(held, question, key, on_answering)
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
        self, held: HeldLock, question: str, key: str, on_answering: Callable[[], None]
    ) -> str | None:
        """Return the reply, or None if the chat of the session was not found."""
        known = held.session
        request = ChatRequest(
            user_id=user_id_of(held.person),
            question=question,
            chat_id=known.chat_id if known else None,
            session_id=known.session_id if known else None,
            channel=CHANNEL,
            key=key,
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
                    case EndEvent(full_text=text, chat_id=chat_id, message_id=message_id):
                        held.answer = AnswerReference(chat_id, message_id)
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


def _asked_together(waiting: Sequence[InboxEntry], question: str) -> tuple[InboxEntry, ...]:
    """Return the messages at the beginning that make the question up; none if they do not."""
    for count in range(1, min(len(waiting), MAX_MESSAGES) + 1):
        if "\n".join(entry.text for entry in waiting[:count]) == question:
            return tuple(waiting[:count])
    return ()
