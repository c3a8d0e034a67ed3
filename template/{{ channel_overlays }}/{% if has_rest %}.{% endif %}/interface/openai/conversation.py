"""A conversation of an OpenAI client around one question: where it goes on, and what was said."""

from dataclasses import dataclass

import structlog

from app.core.ports.chat_storage import ChatStorage, ListingRequest
from app.core.service.chat.conversation_resuming import ConversationResuming, Resumption
from domain.dto.chat import ChatRequest, Session
from domain.dto.conversation import Said
from domain.dto.events import EndEvent
from domain.exceptions.storage import StorageError
from interface.api.completions import CHANNEL
from interface.openai import texts
from interface.openai.completion_request import CompletionRequestBody

logger = structlog.get_logger(__name__)

_READ_MESSAGES = 20


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything about it that outlives the turn; without a resumption the client knows its chat."""

    user_id: str
    said: tuple[Said, ...]
    request: ChatRequest
    resumption: Resumption | None
    resuming: ConversationResuming
    storage: ChatStorage

    @classmethod
    async def of(
        cls,
        body: CompletionRequestBody,
        user_id: str,
        chat_id: str | None,
        resuming: ConversationResuming,
        storage: ChatStorage,
    ) -> "Conversation":
        """Return the conversation; without a chat id, its chat is found by what was said in it.

        Raises:
            StorageUnavailable: nobody can tell now which chat it is.
        """
        said, session_id, resumption = body.said, body.session_id, None
        if chat_id is None:
            resumption = await resuming.resume(user_id, said[:-1])
            chat_id, session_id = resumption.chat_id, None
            if resumption.session is not None:
                session_id = resumption.session.session_id
        request = ChatRequest(
            user_id=user_id,
            question=body.question,
            chat_id=chat_id,
            session_id=session_id,
            stream=bool(body.stream),
            channel=CHANNEL,
        )
        return cls(user_id, said, request, resumption, resuming, storage)

    @property
    def known_session(self) -> Session | None:
        """The session it goes on in, as far as that is known without reading it."""
        return None if self.resumption is None else self.resumption.session

    async def ended(self, end: EndEvent, session: Session) -> str:
        """Remember how it ended; returns what the client is told, which is never nothing.

        While a person has the chat, that is what they have written since the user's last message.
        """
        text = end.full_text
        if end.handoff and not text:
            text = await self._written_by_operators(end.chat_id) or texts.WITH_A_PERSON
        if self.resumption is not None:
            said = (*self.said, Said("assistant", text))
            await self.resuming.remember(self.user_id, self.resumption, said, session)
        return text

    async def _written_by_operators(self, chat_id: str) -> str:
        newest = ListingRequest(_READ_MESSAGES, newest_first=True)
        try:
            page = await self.storage.list_messages(self.user_id, chat_id, newest)
        except StorageError as error:
            logger.warning("operator_messages_not_read", reason=str(error))
            return ""
        written: list[str] = []
        # The first is the question itself.
        for message in page.items[1:] if page else ():
            if message.role != "operator":
                break
            written.insert(0, message.content)
        return "\n\n".join(written)
