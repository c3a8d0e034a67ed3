"""Repositories that tell whoever has a chat open what an operator does there."""

from app.core.ports.connections import OperatorNews
from domain.dto.chat import Message
from domain.dto.following import HandoffEndedEvent, OperatorMessageEvent
from domain.dto.handoff import Ticket
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.ticket_repository import TicketRepository


class AnnouncingChatRepository(ChatRepository):
    """Tells of operators' messages once they are stored."""

    def __init__(self, dynamodb: DynamoDBClient, news: OperatorNews) -> None:
        super().__init__(dynamodb)
        self._news = news

    async def save_operator_message(self, message: Message) -> None:
        await super().save_operator_message(message)
        await self._news.operator_wrote(message.chat_id, OperatorMessageEvent(message).payload())


class AnnouncingTicketRepository(TicketRepository):
    """Tells of chats that the bot has again."""

    def __init__(self, dynamodb: DynamoDBClient, news: OperatorNews) -> None:
        super().__init__(dynamodb)
        self._news = news

    async def close(self, ticket: Ticket, operator: str, at: str) -> None:
        await super().close(ticket, operator, at)
        await self._news.released(ticket.chat_id, HandoffEndedEvent(ticket.chat_id).payload())
