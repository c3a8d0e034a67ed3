"""Has chats found by their days, for review, without a request of any turn."""

import asyncio
from collections import OrderedDict

import structlog
from structlog.contextvars import clear_contextvars

from app.core.ports.handoff_observer import HandoffObserver
from app.core.ports.model_calls import ModelCall
from app.core.ports.review_storage import MarkKind, ReviewMark, ReviewStorage
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from domain.dto.handoff import Ticket
from domain.exceptions.storage import StorageError
from domain.ids import now_timestamp

logger = structlog.get_logger(__name__)

# A chat is in the list of its day so much later at most. What a process that is killed has not
# written yet, the next turn of the chat writes; by its id it is found in any case.
_WRITE_AFTER_SECONDS = 10.0
_STOP_SECONDS = 5.0
# More than a process begins in that time; should the table be away for long, the oldest go.
_MOST_WAITING = 20_000
# Of chats that are known to be in the list of today.
_MOST_KNOWN = 50_000


class ReviewIndex(TurnObserver, HandoffObserver):
    """Gathers what happened in the turns of this process, and writes it together."""

    def __init__(self, storage: ReviewStorage) -> None:
        self._storage = storage
        self._waiting: OrderedDict[ReviewMark, None] = OrderedDict()
        self._known: OrderedDict[ReviewMark, None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        self._note(_mark("chat", turn.chat_id, turn.user_id))
        return _IndexedTurn(self, turn)

    def handed_over(self, ticket: Ticket) -> None:
        self._note(_mark("handed_over", ticket.chat_id, ticket.user_id))

    def failed(self, turn: TurnContext) -> None:
        """Have the chat found as one with a turn that failed."""
        self._note(_mark("failed", turn.chat_id, turn.user_id, turn.message_id))

    async def write(self) -> None:
        """Write what waits; what the table refuses waits on."""
        marks = list(self._waiting)
        if not marks:
            return
        try:
            await self._storage.mark(marks)
        except StorageError as error:
            logger.warning("review_index_not_written", chats=len(marks), reason=str(error))
            return
        for mark in marks:
            self._waiting.pop(mark, None)
            if mark.kind == "chat":
                self._known[mark] = None
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    async def stop(self) -> None:
        """Write what waits, within a bound."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                if self._writing is not None:
                    await self._writing
                await self.write()
        except TimeoutError:
            logger.warning("review_index_not_written", chats=len(self._waiting), reason="too slow")

    def _note(self, mark: ReviewMark) -> None:
        if mark in self._known:
            return
        self._waiting[mark] = None
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popitem(last=False)
        if self._timer is None:
            self._write_later()

    def _write_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_WRITE_AFTER_SECONDS, self._begin_to_write)

    def _begin_to_write(self) -> None:
        self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        # The turn that began it has left its ids there.
        clear_contextvars()
        self._timer = None
        await self.write()
        if self._waiting and self._timer is None:
            self._write_later()


class _IndexedTurn(ObservedTurn):
    def __init__(self, index: ReviewIndex, turn: TurnContext) -> None:
        self._index = index
        self._turn = turn

    def model_call_started(self, call: ModelCall) -> None:
        """What counts is how the turn ends."""

    def model_called(self, call: ModelCall) -> None:
        """What counts is how the turn ends."""

    def ended(self, outcome: TurnOutcome) -> None:
        # Who cancels has changed their mind, and nothing went wrong.
        if outcome.error_code not in (None, "cancelled"):
            self._index.failed(self._turn)


def _mark(kind: MarkKind, chat_id: str, user_id: str, message_id: str = "") -> ReviewMark:
    return ReviewMark(kind, now_timestamp()[:10], chat_id, user_id, message_id)
