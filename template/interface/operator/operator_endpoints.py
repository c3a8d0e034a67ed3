"""The operators' routes: open tickets, and the chats that belong to them."""

from collections.abc import Awaitable
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Query

from app.core.ports.chat_storage import ListingRequest
from app.core.service.chat.question_check import MAX_ID_CHARACTERS
from app.core.service.operator import texts
from app.core.service.operator.operator_service import OperatorService
from domain.dto.chat import Page
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import InvalidCursor
from interface.api.problems import problems
from interface.dependencies import Container
from interface.operator.access import Operator
from interface.operator.schemas import (
    MessagesBody,
    MessageToReadBody,
    OperatorBody,
    TextBody,
    TicketBody,
    TicketsBody,
)

_Item = TypeVar("_Item")
_MAX_LIMIT = 100

router = APIRouter(
    prefix="/operator/api",
    tags=["operators"],
    responses=problems(400, 401, 403, 404, 413, 422, 500, 503),
)


async def _operator_service(container: Container) -> OperatorService:
    service: OperatorService = container.operator_service()
    return service


TheOperatorService = Annotated[OperatorService, Depends(_operator_service)]
# A longer one does not fit into a key of the table.
ChatId = Annotated[str, Path(max_length=MAX_ID_CHARACTERS)]
Limit = Annotated[int, Query(ge=1, le=_MAX_LIMIT, description="Most items to return")]
Cursor = Annotated[
    str | None, Query(max_length=2_000, description="`next_cursor` of the page before")
]


@router.get("/me")
async def who_am_i(operator: Operator) -> OperatorBody:
    """Tell whose credential this is."""
    return OperatorBody(operator=operator)


@router.get("/tickets")
async def list_tickets(
    operator: Operator, service: TheOperatorService, limit: Limit = 20, cursor: Cursor = None
) -> TicketsBody:
    """List the open tickets, the oldest first."""
    page = await _read(service.list_open(ListingRequest(limit, cursor)))
    return TicketsBody(items=[TicketBody.of(t) for t in page.items], next_cursor=page.next_cursor)


@router.get("/chats/{chat_id}")
async def open_chat(chat_id: ChatId, operator: Operator, service: TheOperatorService) -> TicketBody:
    """Begin to read a chat that was handed over."""
    return TicketBody.of(await service.open(operator, chat_id))


@router.get("/chats/{chat_id}/messages")
async def list_messages(
    chat_id: ChatId,
    operator: Operator,
    service: TheOperatorService,
    limit: Limit = 50,
    cursor: Cursor = None,
    order: Literal["asc", "desc"] = "desc",
) -> MessagesBody:
    """List the messages of the chat by time, the newest first unless asked otherwise."""
    listing = ListingRequest(limit, cursor, newest_first=order == "desc")
    page = await _read(service.list_messages(chat_id, listing))
    items = [MessageToReadBody.of(message) for message in page.items]
    return MessagesBody(items=items, next_cursor=page.next_cursor)


@router.post("/chats/{chat_id}/messages", status_code=201)
async def write(
    chat_id: ChatId, body: TextBody, operator: Operator, service: TheOperatorService
) -> MessageToReadBody:
    """Write to the user, on the channel where they are."""
    return MessageToReadBody.of(await service.write(operator, chat_id, body.text))


@router.post("/chats/{chat_id}/release", status_code=204)
async def release(chat_id: ChatId, operator: Operator, service: TheOperatorService) -> None:
    """Give the chat back to the bot."""
    await service.release(operator, chat_id)


async def _read(found: Awaitable[Page[_Item]]) -> Page[_Item]:
    try:
        return await found
    except InvalidCursor as error:
        raise BusinessException("invalid_cursor", texts.INVALID_CURSOR) from error
