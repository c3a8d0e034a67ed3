"""What operators read and note of the bot's chats to make the bot better."""

import asyncio
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from app.core.errors import business_error
from app.core.ports.chat_storage import ChatStorage, ListingRequest
from app.core.ports.review_storage import DayRange, MarkKind, ReviewMark, ReviewStorage
from app.core.ports.ticket_storage import TicketStorage
from app.core.service.feedback.feedback_service import Feedback, FeedbackService
from app.core.service.review.eval_cases import eval_case_of
from domain.dto.chat import Chat, Message, Page
from domain.dto.eval_case import EvalCase
from domain.dto.handoff import OperatorAction, OperatorActionName
from domain.dto.rating import Thumb
from domain.ids import now_timestamp
from domain.personal_data import without_personal_data

logger = structlog.get_logger(__name__)

# Of each chat, where a text is looked for; and how many chats are read at the same time.
_LOOK_AT_MESSAGES = 100
_CHATS_AT_ONCE = 8
# Up to here a chat is read back for a case: far more than anybody reviews.
_CASE_PAGES = 10
_CASE_PAGE = 100


@dataclass(frozen=True, slots=True)
class ReviewedChat:
    """A chat in a list, without personal data; `user` is whose it is, under `day` it was found."""

    chat: Chat
    user: str
    day: str


@dataclass(frozen=True, slots=True)
class FoundChats:
    """Some of the chats looked for, the cursor of the others, and how many chats were looked at."""

    items: tuple[ReviewedChat, ...]
    next_cursor: str | None
    looked_at: int


class ReviewService:
    """Lists, reads, rates and collects; what is done is recorded with the operator's name.

    Whatever is read has its personal data replaced by its kind: answers are judged without it, and who
    needs it has the ticket of the chat. What concerns one chat raises BusinessException
    `chat_not_found` if there is none.
    """

    def __init__(
        self,
        review: ReviewStorage,
        chats: ChatStorage,
        tickets: TicketStorage,
        feedback: FeedbackService,
    ) -> None:
        self._review = review
        self._chats = chats
        self._tickets = tickets
        self._feedback = feedback

    async def list_chats(
        self, operator: str, kind: MarkKind, days: DayRange, text: str, listing: ListingRequest
    ) -> FoundChats:
        """Return chats of some days, the newest first, only those with the text if there is one.

        A page is of at most `listing.limit` chats that were looked at, so that it may hold few that have
        the text, or none, and others follow all the same.
        """
        await self._record_search(operator, "searched" if text else "listed")
        page = await self._review.list_marks(kind, days, listing)
        places = asyncio.Semaphore(_CHATS_AT_ONCE)
        marks = _one_for_each_chat(page.items)
        found = await asyncio.gather(*(self._found(mark, text, places) for mark in marks))
        items = tuple(chat for chat in found if chat is not None)
        return FoundChats(items, page.next_cursor, len(marks))

    async def list_chats_of(
        self, operator: str, user_id: str, listing: ListingRequest
    ) -> FoundChats:
        """Return the chats of one user, the newest first."""
        await self._record_search(operator, "searched_user", user_id)
        page = await self._chats.list_chats(user_id, replace(listing, newest_first=True))
        items = tuple(_reviewed(chat, user_id, chat.updated_at[:10]) for chat in page.items)
        return FoundChats(items, page.next_cursor, len(items))

    async def find_chat(self, operator: str, chat_id: str) -> FoundChats:
        """Return the chat with this id, or nothing."""
        await self._record_search(operator, "searched_chat")
        owner = await self._chats.owner_of(chat_id)
        chat = None if owner is None else await self._chats.find_chat(owner, chat_id)
        if owner is None or chat is None:
            return FoundChats((), None, 0)
        return FoundChats((_reviewed(chat, owner, chat.updated_at[:10]),), None, 1)

    async def read(
        self, operator: str, chat_id: str, listing: ListingRequest
    ) -> tuple[ReviewedChat, Page[Message]]:
        """Return a chat with some of its messages, by time."""
        owner = await self._owner_of(chat_id)
        await self._record(operator, "reviewed", chat_id)
        chat = await self._chats.find_chat(owner, chat_id)
        page = await self._chats.list_messages(owner, chat_id, listing)
        if chat is None or page is None:
            raise business_error("chat_not_found")
        messages = tuple(map(_without_personal_data, page.items))
        reviewed = _reviewed(chat, owner, chat.updated_at[:10])
        return reviewed, Page(messages, page.next_cursor)

    async def rate(self, operator: str, feedback: Feedback) -> Thumb:
        """Keep what operators think of an answer; raises as FeedbackService.rate_as_operator does."""
        await self._owner_of(feedback.chat_id)
        await self._record(operator, "rated", feedback.chat_id)
        return await self._feedback.rate_as_operator(feedback)

    async def collect(self, operator: str, chat_id: str, message_id: str) -> EvalCase:
        """Keep the chat up to an answer as a case to ask again.

        Raises:
            BusinessException: `chat_not_found`, or `message_not_found` where it is no answer of the bot
                or lies too far back.
        """
        owner = await self._owner_of(chat_id)
        await self._record(operator, "collected", chat_id)
        messages = await self._up_to(owner, chat_id, message_id)
        case = eval_case_of(messages)
        if case is None:
            raise business_error("message_not_found")
        await self._review.save_case(case)
        return case

    async def _up_to(self, owner: str, chat_id: str, message_id: str) -> Sequence[Message]:
        """Return the messages up to this one, the oldest first; none if it is not found."""
        messages: list[Message] = []
        cursor: str | None = None
        for _ in range(_CASE_PAGES):
            listing = ListingRequest(_CASE_PAGE, cursor)
            page = await self._chats.list_messages(owner, chat_id, listing)
            for message in page.items if page is not None else ():
                messages.append(message)
                if message.message_id == message_id:
                    return messages
            cursor = page.next_cursor if page is not None else None
            if cursor is None:
                break
        return ()

    async def _found(
        self, mark: ReviewMark, text: str, places: asyncio.Semaphore
    ) -> ReviewedChat | None:
        """Return the chat of a mark, None if it is gone or does not have the text."""
        async with places:
            chat = await self._chats.find_chat(mark.user_id, mark.chat_id)
            if chat is None:
                return None
            if text and not await self._has(mark, text):
                return None
        return _reviewed(chat, mark.user_id, mark.day)

    async def _has(self, mark: ReviewMark, text: str) -> bool:
        newest = ListingRequest(_LOOK_AT_MESSAGES, newest_first=True)
        page = await self._chats.list_messages(mark.user_id, mark.chat_id, newest)
        wanted = _folded(text)
        messages = page.items if page is not None else ()
        # In what can be read here, or a search would tell who has which number.
        return any(wanted in _folded(without_personal_data(m.content)) for m in messages)

    async def _owner_of(self, chat_id: str) -> str:
        owner = await self._chats.owner_of(chat_id)
        if owner is None:
            raise business_error("chat_not_found")
        return owner

    async def _record(self, operator: str, action: OperatorActionName, chat_id: str) -> None:
        await self._tickets.record(OperatorAction(operator, action, chat_id, "", now_timestamp()))
        logger.info("operator_action", action=action, chat_id=chat_id)

    async def _record_search(self, operator: str, what: str, user_id: str | None = None) -> None:
        await self._review.record_search(operator, what, user_id, now_timestamp())
        logger.info("operator_action", action=what)


def _one_for_each_chat(marks: Sequence[ReviewMark]) -> list[ReviewMark]:
    return list({(mark.day, mark.chat_id): mark for mark in marks}.values())


def _reviewed(chat: Chat, user_id: str, day: str) -> ReviewedChat:
    masked = replace(
        chat,
        title=without_personal_data(chat.title),
        preview=without_personal_data(chat.preview),
    )
    return ReviewedChat(masked, without_personal_data(user_id), day)


def _without_personal_data(message: Message) -> Message:
    return replace(
        message,
        content=without_personal_data(message.content),
        user_thumb=_thumb(message.user_thumb),
        operator_thumb=_thumb(message.operator_thumb),
    )


def _thumb(thumb: Thumb | None) -> Thumb | None:
    if thumb is None:
        return None
    return replace(thumb, comment=without_personal_data(thumb.comment))


def _folded(text: str) -> str:
    """Return the text as it is searched: without accents, whatever its capitals."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
