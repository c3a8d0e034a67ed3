"""The right to answer one person, kept while it is used."""

import asyncio
import time
from types import TracebackType
from typing import Self

from app.core.ports.whatsapp_inbox import WhatsAppPeople
from domain.dto.chat import Session
from domain.dto.whatsapp_inbox import InboxEntry, PersonLock
from domain.dto.whatsapp_sent import AnswerReference, RecentAnswers
from domain.exceptions.storage import ConditionFailed, StorageError

# How long a crashed process keeps others from a person's messages; kept alive by thirds.
LOCK_SECONDS = 10.0


class LockLost(Exception):
    """Another process may answer the person by now."""


class HeldLock:
    """Extends a lock in the background, and carries what is known of the person meanwhile.

    `failures` counts the attempts in a row that came to nothing, `at_work` are the messages that a
    reply is being made for, `answer` is the bot's answer that the reply consists of, if it is one.
    """

    def __init__(
        self, people: WhatsAppPeople, lock: PersonLock, owner: str, taken_at: float
    ) -> None:
        """Args:
        taken_at: the monotonic time just before the lock was asked for.
        """
        self.person = lock.person
        self.session: Session | None = lock.session
        self.interrupted = lock.interrupted
        self.failures = lock.failures
        self.at_work: tuple[InboxEntry, ...] = ()
        self.answer: AnswerReference | None = None
        self._answers = lock.answers
        self._noted_answers = lock.answers
        self._people = people
        self._owner = owner
        self._valid_until = taken_at + LOCK_SECONDS
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])

    def ensure(self) -> None:
        """Check, without asking the store, that the lock is still ours.

        Raises:
            LockLost: its time has passed, because the store was away or this process stood still.
        """
        if time.monotonic() >= self._valid_until:
            raise LockLost

    async def save_session(self, session: Session | None) -> None:
        """Make the session durable, or forget it.

        Raises:
            ConditionFailed: the lock was lost.
        """
        await self._people.save_session(self.person, self._owner, session)
        self.session = session

    def note_sent(self, sent_id: str) -> None:
        """Remember under which id of Meta's the answer went; it is written with the lock."""
        if self.answer is not None:
            self._answers = self._answers.with_sent(sent_id, self.answer)

    async def note_progress(self) -> None:
        """Count attempts anew, because one came to something.

        Raises:
            ConditionFailed: the lock was lost.
        """
        if self.interrupted:
            await self._people.forget_interruptions(self.person, self._owner)
        self.failures = self.interrupted = 0

    async def release(self) -> None:
        """Give the lock back after work well done."""
        await self._people.unlock(self.person, self._owner, self.session, self._new_answers())

    async def postpone(self, failures: int, seconds: float) -> None:
        """Give the lock back so that nobody, this process included, takes it too early."""
        await self._people.postpone(
            self.person, self._owner, failures, seconds, self._new_answers()
        )

    def _new_answers(self) -> RecentAnswers | None:
        return None if self._answers == self._noted_answers else self._answers

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOCK_SECONDS / 3)
            asked_at = time.monotonic()
            answers = self._new_answers()
            try:
                await self._people.extend(self.person, self._owner, LOCK_SECONDS, answers)
            except ConditionFailed:
                self._valid_until = 0.0
                return
            except StorageError:
                continue
            self._valid_until = asked_at + LOCK_SECONDS
            self._noted_answers = answers or self._noted_answers
