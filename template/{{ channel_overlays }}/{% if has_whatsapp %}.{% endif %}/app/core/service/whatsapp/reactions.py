"""Reactions to the bot's answers: thumbs, and nothing else, are what people think of them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from app.core.ports.whatsapp_inbox import WhatsAppPeople
from app.core.service.feedback.feedback_service import Feedback, FeedbackService
from app.core.service.whatsapp.pseudonyms import Pseudonyms
from app.core.service.whatsapp.user_ids import user_id_of
from domain.dto.whatsapp import Reaction
from domain.exceptions.business_exception import BusinessException
from domain.ids import TIMESTAMP_FORMAT

logger = structlog.get_logger(__name__)

# A skin tone stands behind the thumb (Unicode Technical Standard 51, "Emoji Modifiers").
_THUMB_UP, _THUMB_DOWN = "\N{THUMBS UP SIGN}", "\N{THUMBS DOWN SIGN}"
_AT_ONCE = 16


class Reactions:
    """Keeps thumbs as feedback.

    A person has one reaction to a message: whatever else takes the thumb's place says nothing of the
    answer, and takes the thumb back, as removing it does.
    """

    def __init__(
        self, people: WhatsAppPeople, feedback: FeedbackService, pseudonyms: Pseudonyms
    ) -> None:
        self._people = people
        self._feedback = feedback
        self._pseudonyms = pseudonyms

    async def note(self, reactions: Sequence[Reaction]) -> None:
        """Keep what the reactions say; repeated, it changes nothing.

        Raises:
            StorageUnavailable: not all is kept; Meta has to report it again.
        """
        places = asyncio.Semaphore(_AT_ONCE)
        # A message's reactions in their order; those of others need not wait for them.
        by_message: dict[str, list[Reaction]] = {}
        for reaction in reactions:
            by_message.setdefault(reaction.message_id, []).append(reaction)
        await asyncio.gather(*(self._note(some, places) for some in by_message.values()))

    async def _note(self, reactions: Sequence[Reaction], places: asyncio.Semaphore) -> None:
        async with places:
            for reaction in reactions:
                await self._keep(reaction)

    async def _keep(self, reaction: Reaction) -> None:
        person = await self._people.person_of(reaction.sender)
        answer = (await self._people.answers_of(person)).answer_of(reaction.message_id)
        message = self._pseudonyms.of(reaction.message_id)
        if answer is None:
            # To a message of theirs or of an operator's, or to an answer too far back.
            logger.info("whatsapp_reaction_unknown", message=message)
            return
        feedback = Feedback(
            answer.chat_id,
            answer.message_id,
            is_good=_is_good(reaction.emoji),
            rated_at=_timestamp(reaction.sent_at),
        )
        try:
            await self._feedback.rate(user_id_of(person), feedback)
        except BusinessException as error:
            logger.info("whatsapp_reaction_refused", message=message, code=error.code)


def _is_good(emoji: str) -> bool | None:
    if emoji.startswith(_THUMB_UP):
        return True
    return False if emoji.startswith(_THUMB_DOWN) else None


def _timestamp(seconds: int | None) -> str | None:
    """Return Meta's time as the table has times, None for a year that nothing can be of."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(TIMESTAMP_FORMAT)
    except (ValueError, OverflowError, OSError):
        return None
