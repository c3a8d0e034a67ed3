"""What finds the chats of conversations that clients send again."""

from app.core.service.chat.conversation_resuming import ConversationResuming
from app.dependency_injection.application_container import ApplicationContainer
from infra.repositories.conversation_point_repository import ConversationPointRepository


def conversation_resuming(container: ApplicationContainer) -> ConversationResuming:
    """Return the service on the container's table."""
    return ConversationResuming(ConversationPointRepository(container.gateways.dynamodb_client()))
