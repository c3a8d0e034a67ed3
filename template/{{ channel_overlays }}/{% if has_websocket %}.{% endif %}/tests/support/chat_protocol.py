"""The protocol of a connection as a machine for hypothesis: steps in any order, and what always holds.

Between the steps nothing moves: a turn goes on when the machine says so.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any, cast

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from starlette.types import Message
from starlette.websockets import WebSocket

from app.core.errors import business_error
from app.core.service.auth.identity import Identity
from app.core.service.chat.chat_following import ChatFollowing
from app.core.service.chat.chat_service import ChatService
from app.core.service.feedback.feedback_service import Feedback, FeedbackService
from domain.dto.chat import ChatRequest, Session
from domain.dto.events import (
    AgentResponseEvent,
    ChatEvent,
    EndEvent,
    ErrorEvent,
    StartEvent,
    TokenEvent,
)
from domain.dto.following import FollowingEvent
from domain.dto.rating import Thumb
from domain.ids import new_id, now_timestamp
from interface.websocket.chat_connection import ChatConnection

_WHOLE_OR_BEGUN = re.compile("start( token)*( agent_response( end)?| error)?|error")
# More than any step needs to come to rest: each round runs every task that is ready once.
_ROUNDS = 12
_WAIT_SECONDS = 5
NONSENSE = st.one_of(
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sampled_from(['{"type": "dance"}', '{"question": 1}', "[]", '{"question": "\\ud800"}']),
)


class Turns:
    """Stands for ChatService: a turn says one thing each time it is let go on."""

    def __init__(self) -> None:
        self.running = 0
        self.most_at_once = 0
        self.opened: set[str] = set()
        self.ended: Counter[str] = Counter()
        self.fails_next = False
        self._may_go_on = asyncio.Semaphore(0)

    def go_on(self) -> None:
        self._may_go_on.release()

    async def run(
        self, request: ChatRequest, known_session: Session | None = None
    ) -> AsyncGenerator[ChatEvent, None]:
        self._may_go_on = asyncio.Semaphore(0)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            async for event in self._turn(request):
                yield event
                await self._may_go_on.acquire()
        finally:
            self.running -= 1

    async def end_session(self, session: Session) -> None:
        self.ended[session.session_id] += 1

    async def _turn(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        message_id, now = new_id("msg"), now_timestamp()
        chat_id = request.chat_id or new_id("chat")
        session = Session(new_id("sess"), chat_id, request.user_id, now, now)
        self.opened.add(session.session_id)
        yield StartEvent(session, message_id, handoff=False)
        if self.fails_next:
            yield ErrorEvent("internal_error", "It failed.", message_id)
            return
        yield TokenEvent(message_id, "An answer.")
        yield AgentResponseEvent(message_id, "An answer.")
        yield EndEvent(message_id, session.session_id, chat_id, "An answer.", handoff=False)


class Following:
    """Stands for ChatFollowing: a chat is known by its form."""

    async def follow(
        self, user_id: str, chat_id: str, after: str | None
    ) -> AsyncGenerator[FollowingEvent, None]:
        if not chat_id.startswith("chat_"):
            raise business_error("chat_not_found")
        yield FollowingEvent(chat_id, handoff=False)


class Ratings:
    """Stands for FeedbackService: an answer is known by its form."""

    async def rate(self, user_id: str, feedback: Feedback) -> Thumb:
        if not feedback.message_id.startswith("rated_"):
            raise business_error("message_not_found")
        return Thumb(feedback.is_good, feedback.comment, now_timestamp())


class ChatProtocol(RuleBasedStateMachine):
    """One connection, from `connected` until the client leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.events: list[dict[str, Any]] = []
        self.is_open = True

    @initialize()
    def connect(self) -> None:
        self.loop.run_until_complete(self._connect())
        assert [event["type"] for event in self.events] == ["connected"]

    @rule(fails=st.booleans(), stream=st.booleans())
    def ask(self, fails: bool, stream: bool) -> None:
        self.turns.fails_next = fails
        self._send({"user_id": "ana", "question": "Hello!", "stream": stream})

    @rule()
    def cancel(self) -> None:
        self._send({"type": "cancel"})

    @rule(chat_id=st.sampled_from(["chat_1", "nowhere", ""]))
    def follow(self, chat_id: str) -> None:
        self._send({"type": "follow", "user_id": "ana", "chat_id": chat_id})

    @rule(message_id=st.sampled_from(["rated_1", "nowhere", ""]))
    def rate(self, message_id: str) -> None:
        answer = {"chat_id": "chat_1", "message_id": message_id, "rating": "good"}
        before = len(self.events)
        self._send({"type": "feedback", "user_id": "ana", **answer})
        kinds = [event["type"] for event in self.events[before:]]
        is_known = message_id == "rated_1"
        assert not self.is_open or kinds == ["feedback_recorded" if is_known else "error"]

    @rule(raw=NONSENSE)
    def send_nonsense(self, raw: str | bytes) -> None:
        before = len(self.events)
        self._put({"type": "websocket.receive", "text" if isinstance(raw, str) else "bytes": raw})
        assert not self.is_open or len(self.events) > before

    @rule()
    def ask_and_cancel_at_once(self) -> None:
        question = {"user_id": "ana", "question": "Hello!"}
        for message in (question, {"type": "cancel"}):
            self.arriving.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})
        self._settle()

    @precondition(lambda self: self.turns.running)
    @rule()
    def turn_goes_on(self) -> None:
        self.turns.go_on()
        self._settle()

    @rule()
    def leave(self) -> None:
        self._put({"type": "websocket.disconnect", "code": 1001})
        self.is_open = False

    @invariant()
    def one_turn_at_a_time(self) -> None:
        assert self.turns.most_at_once <= 1

    @invariant()
    def one_outcome_for_each_message_and_nothing_after_it(self) -> None:
        for message_id in {event.get("message_id") for event in self.events} - {None, "rated_1"}:
            kinds = [e["type"] for e in self.events if e.get("message_id") == message_id]
            assert _WHOLE_OR_BEGUN.fullmatch(" ".join(kinds)), kinds

    @invariant()
    def what_is_over_has_its_outcome(self) -> None:
        if self.is_open and not self.turns.running:
            started = {e["message_id"] for e in self.events if e["type"] == "start"}
            over = {e.get("message_id") for e in self.events if e["type"] in ("end", "error")}
            assert started <= over

    def teardown(self) -> None:
        self._put({"type": "websocket.disconnect", "code": 1001})
        self.loop.run_until_complete(self._left())
        self.loop.close()
        assert self.turns.running == 0
        assert self.turns.opened == self.turns.ended.keys()

    async def _connect(self) -> None:
        self.turns = Turns()
        self.arriving: asyncio.Queue[Message] = asyncio.Queue()
        self.arriving.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/", "headers": []}
        websocket = WebSocket(scope, self.arriving.get, self._take)
        await websocket.accept()
        connection = ChatConnection(
            websocket,
            cast(ChatService, self.turns),
            cast(ChatFollowing, Following()),
            cast(FeedbackService, Ratings()),
            Identity(user_id=None),
            0,
        )
        self.serving = asyncio.create_task(connection.serve())
        await self._rest()

    async def _take(self, message: Message) -> None:
        assert self.is_open or message["type"] != "websocket.send", "sent to who has left"
        if message["type"] == "websocket.send":
            self.events.append(json.loads(message["text"]))
        elif message["type"] == "websocket.close":
            self.is_open = False

    def _send(self, message: dict[str, Any]) -> None:
        self._put({"type": "websocket.receive", "text": json.dumps(message)})

    def _put(self, message: Message) -> None:
        self.arriving.put_nowait(message)
        self._settle()

    def _settle(self) -> None:
        self.loop.run_until_complete(self._rest())

    async def _rest(self) -> None:
        for _ in range(_ROUNDS):
            await asyncio.sleep(0)

    async def _left(self) -> None:
        async with asyncio.timeout(_WAIT_SECONDS):
            await self.serving
