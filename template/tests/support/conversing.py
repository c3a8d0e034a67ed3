"""What people and operators do with the bot, once each, so that every kind of work is done."""

from collections.abc import Sequence

from app.core.ports.chat_storage import ListingRequest
from app.dependency_injection.application_container import ApplicationContainer
from domain.dto.chat import ChatRequest
from domain.dto.events import ChatEvent, EndEvent, StartEvent
from tests.support.plain_agent import A_PERSON

_USER = "ana"
_SOME = ListingRequest(limit=10)


async def converse(container: ApplicationContainer) -> None:
    """Ask twice, read what there is of the chat, rename it, and end its session."""
    chats = container.repositories.chat_repository()
    start, *_ = await _ask(container, "Hello!")
    assert isinstance(start, StartEvent)
    session = start.session
    await _ask(container, "And now?", session.chat_id, session.session_id)
    await chats.list_chats(_USER, _SOME)
    await chats.list_messages(_USER, session.chat_id, _SOME)
    await chats.list_sessions(_USER, session.chat_id, _SOME)
    await chats.rename_chat(_USER, session.chat_id, "Renamed")
    await container.services.chat_service().end_session(session)
    await container.gateways.dynamodb_client().probe()


async def hand_over(container: ApplicationContainer) -> None:
    """Ask for a person, who sees that there is a ticket, reads it, writes, is answered, and gives the chat back."""
    operators = container.operator_service()
    *_, end = await _ask(container, A_PERSON)
    assert isinstance(end, EndEvent) and end.handoff
    await container.readings().read_all()
    await operators.list_open(_SOME)
    await operators.open("Rita", end.chat_id)
    await operators.list_messages(end.chat_id, _SOME)
    await operators.write("Rita", end.chat_id, "Here I am.")
    await _ask(container, "Thanks!", end.chat_id)
    await operators.release("Rita", end.chat_id)


async def _ask(
    container: ApplicationContainer, question: str, chat_id: str | None = None, session_id: str = ""
) -> Sequence[ChatEvent]:
    request = ChatRequest(_USER, question, chat_id, session_id or None, channel="test")
    return [event async for event in container.services.chat_service().run(request)]
