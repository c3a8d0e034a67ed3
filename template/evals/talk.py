"""A chat with the graph that is in no table: this object remembers it."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from app.core.ports.agent import AgentAnswer, AgentTurn
from app.core.ports.model_calls import ModelCallListener
from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from domain.dto.chat import Message, Role
from domain.ids import new_id, now_timestamp

_USER_ID = "evals"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot said, whether it handed over to a person, and whether it waits for the user."""

    text: str
    handoff: bool
    waiting: bool


class Talk:
    """One conversation; `before` is what was said before, the user and the bot in turn."""

    def __init__(
        self,
        agent: BaseOrchestratorService,
        listener: ModelCallListener,
        before: Sequence[str] = (),
    ) -> None:
        self._agent = agent
        self._listener = listener
        self._chat_id = new_id("chat")
        self._session_id = new_id("sess")
        self._checkpoint: bytes | None = None
        self._history = [
            self._message("assistant" if number % 2 else "user", text)
            for number, text in enumerate(before)
        ]

    async def say(self, text: str) -> Answer:
        """Return the answer to a message.

        Raises:
            ModelError: there is no complete answer.
        """
        asked = self._message("user", text)
        turn = AgentTurn(
            _USER_ID,
            self._chat_id,
            self._session_id,
            asked,
            tuple(self._history),
            self._checkpoint or None,
        )
        answer = AgentAnswer("", usage=asked.usage)
        async with aclosing(self._agent.execute_agent(turn, self._listener)) as pieces:
            async for piece in pieces:
                if isinstance(piece, AgentAnswer):
                    answer = piece
        self._checkpoint = answer.checkpoint
        self._history += [asked, self._message("assistant", answer.text)]
        return Answer(answer.text, answer.handoff is not None, bool(answer.checkpoint))

    def _message(self, role: Role, content: str) -> Message:
        return Message(new_id("msg"), self._chat_id, _USER_ID, role, content, now_timestamp())
