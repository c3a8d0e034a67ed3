"""The WhatsApp channel on a real table, with a stand-in for Meta: as many processes as one needs.

They answer what they take in themselves, or take it from a real queue.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from app.core.observability.metrics import Metrics
from app.core.observability.whatsapp_metrics import WhatsAppMetrics
from app.core.ports.chat_storage import ListingRequest
from app.core.ports.whatsapp_waking import Waking
from app.core.service.chat.allowance import Allowance, ChatBudget
from app.core.service.chat.chat_service import ChatService
from app.core.service.feedback.feedback_service import FeedbackService
from app.core.service.handoff.handoff_service import HandoffService
from app.core.service.llm.offline_chat_service import OfflineChatService
from app.core.service.whatsapp.correspondence import Correspondence
from app.core.service.whatsapp.deliveries_first import DeliveriesFirst
from app.core.service.whatsapp.dispatcher import Dispatcher
from app.core.service.whatsapp.leftovers import Leftovers
from app.core.service.whatsapp.pseudonyms import Pseudonyms
from app.core.service.whatsapp.queue_dispatcher import QueueDispatcher
from app.core.service.whatsapp.reactions import Reactions
from app.core.service.whatsapp.reply_delivery import ReplyDelivery
from app.core.service.whatsapp.undelivered import UndeliveredMessages
from app.core.service.whatsapp.wake_handler import WakeHandler
from app.core.service.whatsapp.whatsapp_chat_service import WhatsAppChatService
from app.core.service.whatsapp.whatsapp_operator_service import WhatsAppOperatorService
from app.core.service.whatsapp.whatsapp_service import GraphOptions, RetryPolicy, WhatsAppService
from app.core.service.whatsapp.whatsapp_turn import WhatsAppTurn
from domain.dto.chat import Message, Session
from domain.dto.whatsapp import InboundMessage, MessageKind, SenderIdentity, WebhookDelivery
from domain.dto.whatsapp_inbox import InboxEntry, PersonLock, ReceiptState
from domain.ids import new_id
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.daily_budget_repository import DailyBudgetRepository
from infra.repositories.rate_limit_repository import RateLimitRepository
from infra.repositories.review_repository import ReviewRepository
from infra.repositories.ticket_repository import TicketRepository
from infra.repositories.whatsapp_people_repository import WhatsAppPeopleRepository
from infra.repositories.whatsapp_repository import WhatsAppRepository
from infra.repositories.whatsapp_sent_repository import WhatsAppSentRepository
from scripts.whatsapp_stand_in import GraphAnswer, GraphStandIn, graph_stand_in
from tests.support.fifo_queue import FifoQueue, fifo_queue
from tests.support.plain_agent import PLAIN_SCRIPT, PlainAgent

WAKINGS = ("in_process", "queue")

_QUICK = RetryPolicy(max_attempts=3, base_seconds=0.001, total_seconds=5.0, after_cut_seconds=0.0)
_UNLIMITED = 0
_NEVER = 3600.0
_ALBUM_SECONDS = 0.5
_POLL_SECONDS = 0.02
_POLLS = 1500
_EVERYTHING = ListingRequest(limit=100)


def new_number() -> str:
    """Return a number that nobody else in these tests has."""
    return f"55{secrets.randbelow(10**11):011d}"


def graph_error(code: int, status: int = 400, **headers: str) -> GraphAnswer:
    """Return an error as Meta words it."""
    error = {"message": f"(#{code}) error", "type": "OAuthException", "code": code}
    return GraphAnswer(status, {"error": {**error, "fbtrace_id": "stand-in"}}, headers)


def text_of(
    sender: SenderIdentity | str, text: str, *, message_id: str = "", sent_at: int | None = None
) -> InboundMessage:
    """Return a question of someone, named by their number or their identity."""
    return InboundMessage(
        message_id=message_id or new_id("wamid"),
        sender=SenderIdentity(sender) if isinstance(sender, str) else sender,
        kind=MessageKind.QUESTION,
        text=text,
        sent_at=sent_at,
    )


def photo_of(sender: str) -> InboundMessage:
    return InboundMessage(
        new_id("wamid"), SenderIdentity(sender), MessageKind.UNSUPPORTED, "", None
    )


@dataclass
class Channel:
    """One process's WhatsApp channel, and what a test looks at."""

    service: WhatsAppChatService
    handler: WakeHandler
    inbox: WhatsAppRepository
    people: WhatsAppPeopleRepository
    chats: ChatRepository
    chat_service: ChatService

    async def accept(self, *messages: InboundMessage) -> None:
        await self.service.accept(WebhookDelivery(messages=messages))

    async def leave_behind(self, message: InboundMessage) -> InboxEntry:
        """Record a message as a process does that ends before it answers."""
        person = await self.people.person_of(message.sender)
        entry = InboxEntry(
            message_id=message.message_id,
            person=person,
            sender=message.sender,
            kind=message.kind,
            text=message.text,
            sent_at=message.sent_at or 1_700_000_000,
            received_at=secrets.randbelow(10**6),
        )
        await self.inbox.record(entry)
        return entry

    async def die_with_the_lock_of(self, person: str) -> None:
        """Take a person's lock as a process does that never gives it back."""
        await self.people.lock(person, new_id("dead"), 0.001)
        await asyncio.sleep(0.003)

    async def take_lock_of(self, person: str, owner: str) -> None:
        """Take a person's lock as soon as it is free."""
        for _ in range(_POLLS):
            if isinstance(await self.people.lock(person, owner, 5.0), PersonLock):
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise AssertionError("the lock was never free")

    async def is_done(self, *messages: InboundMessage) -> ReceiptState:
        """Wait until nothing waits for a reply any more; return the last message's state."""
        for message in messages:
            await self._is_done(await self.people.person_of(message.sender))
        receipt = await self.inbox.receipt(messages[-1].message_id)
        assert receipt is not None
        return receipt.state

    async def _is_done(self, person: str) -> None:
        for _ in range(_POLLS):
            if not await self.inbox.waiting(person, 1):
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise AssertionError("a message still waits for its reply")

    async def chat_ids_of(self, person: str) -> list[str]:
        """Return the person's chats, the first one first."""
        page = await self.chats.list_chats(f"whatsapp_{person}", _EVERYTHING)
        return [chat.chat_id for chat in page.items]

    async def messages_of(self, person: str) -> list[Message]:
        """Return all messages of the person's chats, in order."""
        found: list[Message] = []
        for chat_id in await self.chat_ids_of(person):
            page = await self.chats.list_messages(f"whatsapp_{person}", chat_id, _EVERYTHING)
            found += page.items if page is not None else ()
        return found

    async def sessions_of(self, person: str, chat_id: str) -> Sequence[Session]:
        """Return the sessions of a chat of the person's."""
        page = await self.chats.list_sessions(f"whatsapp_{person}", chat_id, _EVERYTHING)
        return () if page is None else page.items

    async def questions_of(self, person: str) -> Sequence[str]:
        """Return what the person asked, as the bot was given it."""
        return [m.content for m in await self.messages_of(person) if m.role == "user"]


@asynccontextmanager
async def whatsapp_table(endpoint: str) -> AsyncIterator[DynamoDBClient]:
    """Open a new table."""
    connection = AwsConnection(AwsOptions("us-east-1", dynamodb_endpoint_url=endpoint))
    await connection.start()
    try:
        client = DynamoDBClient(connection, f"WhatsApp{secrets.token_hex(8)}")
        await client.start()
        await client.ensure_table()
        yield client
    finally:
        await connection.stop()


class Meta:
    """A stand-in for Meta, and the bot's processes that work with it on one table and queue."""

    def __init__(
        self, dynamodb: DynamoDBClient, graph: GraphStandIn, queue: FifoQueue | None
    ) -> None:
        self.graph = graph
        self._dynamodb = dynamodb
        self._queue = queue
        self._options = GraphOptions(graph.url, "1122334455667", "EAAx")
        self._http = httpx.AsyncClient()
        self._processes: list[Channel] = []

    @property
    def queue(self) -> FifoQueue:
        """The queue between the processes, where there is one."""
        assert self._queue is not None
        return self._queue

    def process(self) -> Channel:
        """Return the channel of one more process; it is to be started."""
        whatsapp = WhatsAppService(self._http, self._options, _QUICK)
        channel = _channel(self._dynamodb, whatsapp, self._queue)
        self._processes.append(channel)
        return channel

    def operators(self) -> WhatsAppOperatorService:
        """Return what operators work with."""
        tickets, chats = TicketRepository(self._dynamodb), ChatRepository(self._dynamodb)
        whatsapp = WhatsAppService(self._http, self._options, _QUICK)
        return WhatsAppOperatorService(
            tickets,
            chats,
            HandoffService(tickets, ()),
            whatsapp,
            WhatsAppPeopleRepository(self._dynamodb),
            _undelivered(self._dynamodb),
        )

    async def close(self) -> None:
        await asyncio.gather(*(channel.service.stop() for channel in self._processes))
        await self._http.aclose()


@asynccontextmanager
async def meta_with(dynamodb: DynamoDBClient, queue_at: str | None = None) -> AsyncIterator[Meta]:
    """Run a stand-in for Meta; whatever works with it is stopped before it.

    Args:
        queue_at: the endpoint of an SQS, where a queue wakes the processes.
    """
    async with AsyncExitStack() as stack:
        graph = await stack.enter_async_context(graph_stand_in())
        queue = await stack.enter_async_context(fifo_queue(queue_at)) if queue_at else None
        meta = Meta(dynamodb, graph, queue)
        stack.push_async_callback(meta.close)
        yield meta


def _channel(
    dynamodb: DynamoDBClient, whatsapp: WhatsAppService, queue: FifoQueue | None
) -> Channel:
    chats = ChatRepository(dynamodb)
    model = OfflineChatService(PLAIN_SCRIPT, pause_seconds=0)
    chat_service = ChatService(
        storage=chats,
        orchestrator=PlainAgent(model.chat_model()),
        allowance=Allowance(
            RateLimitRepository(dynamodb, _UNLIMITED),
            DailyBudgetRepository(dynamodb, _UNLIMITED, _UNLIMITED),
            ChatBudget(_UNLIMITED, _UNLIMITED),
        ),
        handoffs=HandoffService(TicketRepository(dynamodb), ()),
        observers=(),
    )
    inbox = WhatsAppRepository(dynamodb)
    people = WhatsAppPeopleRepository(dynamodb)
    pseudonyms = Pseudonyms("app-secret")
    correspondence = Correspondence(
        inbox=inbox,
        people=people,
        turn=WhatsAppTurn(chat_service, chats),
        delivery=ReplyDelivery(inbox, whatsapp, pseudonyms),
        whatsapp=whatsapp,
        pseudonyms=pseudonyms,
        album_seconds=_ALBUM_SECONDS,
    )
    answering = DeliveriesFirst(correspondence)
    handler = WakeHandler(answering)
    if queue is None:
        waking: Waking = Dispatcher(answering, inbox)
    else:
        waking = _on_queue(queue, handler, answering, inbox)
    service = WhatsAppChatService(
        inbox=inbox,
        people=people,
        waking=waking,
        answering=answering,
        whatsapp=whatsapp,
        undelivered=_undelivered(dynamodb),
        reactions=Reactions(people, _feedback(dynamodb), pseudonyms),
    )
    return Channel(service, handler, inbox, people, chats, chat_service)


def _feedback(dynamodb: DynamoDBClient) -> FeedbackService:
    return FeedbackService(ChatRepository(dynamodb), ReviewRepository(dynamodb), ())


def _undelivered(dynamodb: DynamoDBClient) -> UndeliveredMessages:
    return UndeliveredMessages(
        WhatsAppSentRepository(dynamodb),
        TicketRepository(dynamodb),
        WhatsAppMetrics(Metrics()),
        Pseudonyms("app-secret"),
    )


def _on_queue(
    queue: FifoQueue,
    handler: WakeHandler,
    answering: DeliveriesFirst,
    inbox: WhatsAppRepository,
) -> QueueDispatcher:
    people = queue.opened()
    leftovers = Leftovers(
        inbox,
        people.send_once_in_a_while,
        every_seconds=_NEVER,
        grace_seconds=_NEVER,
        has_room=people.is_short,
    )
    return QueueDispatcher(people, handler, answering, leftovers)
