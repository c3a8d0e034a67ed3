"""The one way of a message through the bot, whatever channel it came from."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog
from structlog.contextvars import bind_contextvars

from app.core.errors import business_error, explained
from app.core.ports.agent import Agent, AgentAnswer, AgentTurn
from app.core.ports.chat_storage import ChatStorage
from app.core.ports.turn_observer import TurnContext, TurnObserver
from app.core.service.chat.allowance import Allowance
from app.core.service.chat.question_check import check_question
from app.core.service.chat.repetition import Repetition, repetition_of
from app.core.service.chat.turn_admission import TurnAdmission
from app.core.service.chat.turn_observation import TurnObservation, report_error
from app.core.service.chat.turnstile import Turnstile
from app.core.service.handoff.handoff_service import HandoffService
from domain.dto.chat import (
    SESSION_IDLE_TIMEOUT,
    Chat,
    ChatRequest,
    Message,
    RecentTurns,
    Session,
    TokenUsage,
)
from domain.dto.events import (
    AgentResponseEvent,
    ChatEvent,
    EndEvent,
    ErrorEvent,
    StartEvent,
    TokenEvent,
)
from domain.dto.handoff import TicketReference
from domain.dto.turn_step import TurnStep
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.model import ModelError
from domain.exceptions.storage import StorageError
from domain.ids import new_id, now_timestamp, shift_timestamp, timestamp_after, trace_id_of
from domain.text import cut

logger = structlog.get_logger(__name__)

TITLE_GRAPHEMES = 60
# With more turns than this at once, pieces of an answer that come within 40 ms travel together:
# nobody sees the difference, and it is half the work.
BUSY_TURNS = 20
JOIN_SECONDS = 0.04
# Longer than a usual turn; an orchestrator kills the process 30 s after it asked it to stop.
DRAIN_SECONDS = 25


@dataclass(frozen=True, slots=True)
class _Conversation:
    """The chat a question belongs to: new, or with the messages so far."""

    session: Session
    recent: RecentTurns
    is_new: bool


class ChatService:
    """Answers questions: checks, remembers, runs the graph, stores, reports."""

    def __init__(
        self,
        storage: ChatStorage,
        orchestrator: Agent,
        allowance: Allowance,
        handoffs: HandoffService,
        observers: Sequence[TurnObserver],
    ) -> None:
        self._storage = storage
        self._orchestrator = orchestrator
        self._allowance = allowance
        self._handoffs = handoffs
        self._observers = observers
        self._admission = TurnAdmission()
        # Before each of the three things in a turn that take the processor for a millisecond or more.
        self._turnstile = Turnstile()

    @property
    def is_stopping(self) -> bool:
        """Whether new questions are refused because the bot shuts down."""
        return self._admission.is_stopping

    async def start(self) -> None:
        """Begin what observers do beside the turns."""
        for observer in self._observers:
            await observer.start()

    async def drain(self) -> None:
        """Refuse new questions and let the running turns finish, for a bounded time."""
        left = await self._admission.drain(DRAIN_SECONDS)
        if left:
            logger.warning("turns_left_at_shutdown", turns=left)

    async def stop(self) -> None:
        """Drain, then deliver what observers still hold."""
        await self.drain()
        for observer in self._observers:
            await observer.stop()

    async def run(
        self, request: ChatRequest, known_session: Session | None = None
    ) -> AsyncGenerator[ChatEvent, None]:
        """Answer one question.

        Args:
            known_session: a session which the caller opened or continued before and has not ended;
                it saves reading the session from the store.

        Yields:
            `start`, with `stream` any number of `token`, then `agent_response` and `end`; while a
            person has the chat only `start` and an empty `end`; or, at any point before `end`, one
            `error` as the last event. Closing the generator cancels
            the turn: the question stays stored, an unfinished answer does not.
        """
        asked_at = time.monotonic()
        message_id = new_id("msg")
        chat_id = request.chat_id or request.new_id("chat")
        # Not checked yet; a log line takes only what has the form of an id.
        bind_contextvars(chat_id=chat_id, message_id=message_id, trace_id=trace_id_of(message_id))
        try:
            check_question(request)
            async with (
                self._admission.turn(request.user_id, chat_id),
                aclosing(
                    self._turn(request, chat_id, message_id, asked_at, known_session)
                ) as events,
            ):
                async for event in events:
                    yield event
        except Exception as error:
            told = _error_event(error, message_id)
            report_error(self._observers, request.channel, told.code)
            yield told

    async def end_session(self, session: Session) -> None:
        """Record that the session is over; repeating it changes nothing.

        Raises:
            StorageUnavailable: it will read as ended 24 hours after its last message.
        """
        await self._storage.end_session(session, now_timestamp())

    async def _turn(
        self,
        request: ChatRequest,
        chat_id: str,
        message_id: str,
        asked_at: float,
        known_session: Session | None,
    ) -> AsyncGenerator[ChatEvent, None]:
        await self._turnstile.pass_through()
        await self._allowance.admit(request.user_id)
        conversation = await self._conversation(request, chat_id, known_session)
        session, ticket = conversation.session, conversation.recent.ticket
        told: str | None = None
        repeated = _repeated(request, conversation.recent)
        if repeated is not None:
            question, history = repeated.question, repeated.history
        else:
            if ticket is None:
                # What a user writes to a person costs nothing.
                await self._allowance.check(request.user_id, conversation.recent.spent)
            question = _question(request, conversation, is_turn=ticket is None)
            history = conversation.recent.messages
        # Also what is repeated: it takes the same place, with whatever the crash has kept away.
        await self._storage.save_question(
            question, session, _new_chat(question) if conversation.is_new else None
        )
        if repeated is not None:
            told = await self._told(repeated, ticket, message_id)
        yield StartEvent(session, message_id, handoff=ticket is not None and told is None)

        if told is not None:
            yield AgentResponseEvent(message_id, told)
            yield EndEvent(
                message_id, session.session_id, chat_id, told, handoff=ticket is not None
            )
            return
        if ticket is not None:
            # A person goes on with this chat: what the user wrote is theirs to answer.
            await self._handoffs.user_wrote(ticket, question)
            yield EndEvent(message_id, session.session_id, chat_id, "", handoff=True)
            return
        async with aclosing(
            self._answered(request, question, history, conversation, message_id, asked_at)
        ) as events:
            async for event in events:
                yield event

    async def _answered(
        self,
        request: ChatRequest,
        question: Message,
        history: Sequence[Message],
        conversation: _Conversation,
        message_id: str,
        asked_at: float,
    ) -> AsyncGenerator[ChatEvent, None]:
        """Have the agent answer the stored question, and store its answer."""
        chat_id, session_id = question.chat_id, conversation.session.session_id
        observation = TurnObservation(
            self._observers,
            TurnContext(
                user_id=request.user_id,
                chat_id=chat_id,
                session_id=session_id,
                message_id=message_id,
                question=request.question,
                channel=request.channel,
                asked_at=asked_at,
            ),
        )
        checkpoint = conversation.recent.checkpoint
        turn = AgentTurn(request.user_id, chat_id, session_id, question, history, checkpoint)
        failure: str | None = "cancelled"
        try:
            await self._turnstile.pass_through()
            answer: AgentAnswer | None = None
            async with aclosing(
                self._orchestrator.execute_agent(
                    turn, observation, join_seconds=self._join_seconds()
                )
            ) as pieces:
                async for piece in pieces:
                    if isinstance(piece, AgentAnswer):
                        answer = piece
                        continue
                    observation.answer_began()
                    if request.stream:
                        yield TokenEvent(message_id, piece)
            if answer is None:
                raise ModelError("the graph ended without an answer")
            await self._turnstile.pass_through()
            if answer.handoff is not None:
                await self._handoffs.open(answer.handoff, question, request.channel)
            message = replace(
                _answer(question, message_id, answer),
                channel=request.channel,
                steps=tuple(turn.steps),
                handed_over=answer.handoff is not None,
            )
            await self._storage.save_answer(message, _title(question), answer.checkpoint)
            observation.answered(answer.text, answer.usage)
            failure = None
            yield AgentResponseEvent(message_id, answer.text, answer.usage)
            yield EndEvent(
                message_id, session_id, chat_id, answer.text, handoff=message.handed_over
            )
        except Exception as error:
            failure = explained(error).code
            observation.failed(failure)
            raise
        finally:
            # After an answer or a failure this says nothing; a closed generator passes only here.
            observation.failed("cancelled")
            # A table that is away would only keep the user waiting for the error.
            if failure not in (None, "storage_unavailable"):
                question = _unanswered(question, request.channel, failure, turn.steps)
            await self._charge(question, observation.usage)

    async def _charge(self, question: Message, usage: TokenUsage) -> None:
        """Count what a turn used, and keep why it has no answer if it failed or was cancelled."""
        try:
            await self._allowance.spend(question.user_id, usage.total)
            if question.error_code is not None:
                await self._storage.save_failure(_charged(question, usage))
        except StorageError as error:
            # The turn is over, and its user has been told how.
            logger.warning("usage_not_counted", tokens=usage.total, reason=str(error))

    async def _told(
        self, repeated: Repetition, ticket: TicketReference | None, message_id: str
    ) -> str | None:
        """Return what the question was answered before; None where it has to be asked again."""
        question = repeated.question
        if repeated.answer is not None:
            return repeated.answer.content
        if ticket is None or ticket.opened_at != question.created_at:
            return None
        # It handed the chat over, and the process ended before it could say so.
        told = await self._handoffs.told(question.chat_id)
        if told is not None:
            answer = _answer(question, message_id, AgentAnswer(told, TokenUsage()))
            await self._storage.save_answer(replace(answer, handed_over=True), _title(question))
        return told

    def _join_seconds(self) -> float:
        return JOIN_SECONDS if self._admission.running > BUSY_TURNS else 0.0

    async def _conversation(
        self, request: ChatRequest, chat_id: str, known_session: Session | None
    ) -> _Conversation:
        now = now_timestamp()
        if request.chat_id is None:
            new_session = _new_session(request, chat_id, now)
            return _Conversation(new_session, RecentTurns(()), is_new=True)
        recent = await self._storage.recent_turns(request.user_id, chat_id)
        if recent is None:
            raise business_error("chat_not_found")
        session = await self._session(request, chat_id, known_session)
        if session is None:
            session = _new_session(request, chat_id, now)
        last_at = recent.messages[-1].created_at
        if recent.checkpoint and now > shift_timestamp(last_at, SESSION_IDLE_TIMEOUT):
            # Nobody remembers after a day what they were asked.
            recent = replace(recent, checkpoint=b"")
        return _Conversation(replace(session, last_activity_at=now), recent, is_new=False)

    async def _session(
        self, request: ChatRequest, chat_id: str, known_session: Session | None
    ) -> Session | None:
        """Return the session the request names, if it is an active one of this chat."""
        if request.session_id is None:
            return None
        session = known_session
        if session is None or (session.chat_id, session.session_id) != (
            chat_id,
            request.session_id,
        ):
            session = await self._storage.find_session(chat_id, request.session_id)
        return session if session is not None and session.is_active else None


def _repeated(request: ChatRequest, recent: RecentTurns) -> Repetition | None:
    if request.key is None:
        return None
    return repetition_of(request.new_id("msg"), recent.messages)


def _new_session(request: ChatRequest, chat_id: str, now: str) -> Session:
    return Session(
        session_id=request.new_id("sess"),
        chat_id=chat_id,
        user_id=request.user_id,
        started_at=now,
        last_activity_at=now,
    )


def _title(question: Message) -> str:
    return cut(question.content, TITLE_GRAPHEMES)


def _new_chat(question: Message) -> Chat:
    return Chat(
        chat_id=question.chat_id,
        title=_title(question),
        preview="",
        created_at=question.created_at,
        updated_at=question.created_at,
    )


def _question(request: ChatRequest, conversation: _Conversation, *, is_turn: bool) -> Message:
    spent = conversation.recent.spent
    messages = conversation.recent.messages
    last = messages[-1].created_at if messages else None
    return Message(
        message_id=request.new_id("msg"),
        chat_id=conversation.session.chat_id,
        user_id=request.user_id,
        role="user",
        content=request.question,
        created_at=timestamp_after(last),
        spent=spent.plus(turns=1) if is_turn else spent,
    )


def _unanswered(
    question: Message, channel: str, error_code: str | None, steps: Sequence[TurnStep]
) -> Message:
    return replace(question, channel=channel, error_code=error_code, steps=tuple(steps))


def _charged(question: Message, usage: TokenUsage) -> Message:
    return replace(question, spent=question.spent.plus(tokens=usage.total))


def _answer(question: Message, message_id: str, answer: AgentAnswer) -> Message:
    return Message(
        message_id=message_id,
        chat_id=question.chat_id,
        user_id=question.user_id,
        role="assistant",
        content=answer.text,
        created_at=timestamp_after(question.created_at),
        usage=answer.usage,
        spent=question.spent.plus(tokens=answer.usage.total),
    )


def _error_event(error: Exception, message_id: str) -> ErrorEvent:
    told = explained(error)
    if isinstance(error, BusinessException):
        logger.info("turn_refused", code=told.code)
    elif isinstance(error, ModelError | StorageError):
        logger.warning("turn_failed", code=told.code, reason=str(error))
    else:
        logger.exception("turn_failed", code=told.code)
    return ErrorEvent(told.code, told.message, message_id)
