"""From a conversation that a client sends again, without an id, to the chat it is.

What the client says was said is only ever compared; the chat goes on from what is stored.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from app.core.ports.conversation_points import ConversationPoints
from domain.dto.chat import Session
from domain.dto.conversation import ConversationPoint, Said
from domain.exceptions.storage import StorageError
from domain.ids import now_timestamp, parse_timestamp

logger = structlog.get_logger(__name__)

# Two questions with their answers: enough to tell conversations apart, and few enough that a client
# which leaves the oldest messages out is understood.
_COMPARED_MESSAGES = 4


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where a conversation goes on: in this chat and session, or with None in new ones.

    `digest` and `point` are what it was found by.
    """

    chat_id: str | None = None
    session: Session | None = None
    digest: str | None = None
    point: ConversationPoint | None = None


class ConversationResuming:
    """Finds chats by what was said in them, and remembers what was."""

    def __init__(self, points: ConversationPoints) -> None:
        self._points = points

    async def resume(self, user_id: str, history: Sequence[Said]) -> Resumption:
        """Return where the conversation goes on after this history.

        After an answer that was gone on from before, that is a copy of the chat up to there: the
        user has changed a question, or wants another answer. What no chat of the user ends with,
        or has in it, begins a new one.

        Raises:
            StorageUnavailable: nobody can tell now.
        """
        for said in _ends(history):
            digest = _digest(said)
            point = await self._points.find(user_id, digest)
            if point is not None:
                return await self._resumption(user_id, digest, point)
        return Resumption()

    async def remember(
        self, user_id: str, resumption: Resumption, said: Sequence[Said], session: Session
    ) -> None:
        """Remember the point which the conversation has reached; a failure is logged.

        Args:
            said: all that was said, the new answer included.
        """
        points: dict[str, ConversationPoint] = {}
        if resumption.digest is not None and resumption.point is not None:
            times = resumption.point.continuations + 1
            points[resumption.digest] = replace(resumption.point, continuations=times)
        # Said twice in a row, it is the same digest; then the newer point counts.
        points[_digest(said)] = ConversationPoint(
            chat_id=session.chat_id,
            session_id=session.session_id,
            session_started_at=session.started_at,
            reached_at=now_timestamp(),
        )
        try:
            await self._points.save(user_id, points)
        except StorageError as error:
            # The answer is stored and told; its next question opens a new chat.
            logger.warning("conversation_not_remembered", reason=str(error))

    async def _resumption(self, user_id: str, digest: str, point: ConversationPoint) -> Resumption:
        if point.continuations:
            branch_id = _branch_id(point)
            if await self._points.branch(user_id, point, branch_id):
                return Resumption(branch_id, None, digest, point)
        session = Session(
            session_id=point.session_id,
            chat_id=point.chat_id,
            user_id=user_id,
            started_at=point.session_started_at,
            last_activity_at=point.reached_at,
        )
        return Resumption(point.chat_id, session, digest, point)


def _ends(history: Sequence[Said]) -> Iterator[Sequence[Said]]:
    """Yield the history up to its last answer, then up to the one before.

    The last one may have been stopped by the user: then the client has a part, and nobody else any.
    """
    answers = [place for place, said in enumerate(history) if said.role == "assistant"]
    for place in reversed(answers[-2:]):
        yield history[: place + 1]


def _digest(said: Sequence[Said]) -> str:
    # Clients trim and wrap; they do not change words.
    compared = [(s.role, " ".join(s.text.split())) for s in said[-_COMPARED_MESSAGES:]]
    return hashlib.sha256(json.dumps(compared).encode()).hexdigest()


def _branch_id(point: ConversationPoint) -> str:
    """Return the id of the next copy: the same until something was answered in it.

    It has the form of `new_id`, with the time of the point.
    """
    seed = f"{point.chat_id} {point.reached_at} {point.continuations}"
    digits = hashlib.sha256(seed.encode()).hexdigest()
    milliseconds = int(parse_timestamp(point.reached_at).timestamp() * 1000)
    return f"chat_{milliseconds:012x}7{digits[:3]}8{digits[3:18]}"
