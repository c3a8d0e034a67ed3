"""Turns of one chat, each in a graph of its own, as in another process."""

from collections.abc import Callable

from app.core.ports.agent import AgentAnswer, AgentTurn
from app.core.ports.model_calls import ModelCall, ModelCallListener
from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from domain.dto.chat import Message, Role
from domain.ids import new_id, now_timestamp


class Conversation(ModelCallListener):
    """A chat whose every turn begins with what the table would hold: messages and checkpoint."""

    def __init__(self, new_agent: Callable[[], BaseOrchestratorService]) -> None:
        self._new_agent = new_agent
        self._history: list[Message] = []
        self._checkpoint: bytes | None = None
        self.calls: list[ModelCall] = []
        self.pieces: list[str] = []

    def model_call_started(self, call: ModelCall) -> None:
        assert call.ended_at == 0

    def model_called(self, call: ModelCall) -> None:
        self.calls.append(call)

    @property
    def nodes(self) -> list[str]:
        """The nodes that called the model, in order."""
        return [call.node for call in self.calls]

    @property
    def is_waiting(self) -> bool:
        """Whether the graph stopped to hear more."""
        return bool(self._checkpoint)

    async def say(self, text: str) -> str:
        """Return what the bot says to this."""
        return (await self.ask(text)).text

    async def ask(self, text: str) -> AgentAnswer:
        """Run a turn; returns the whole answer, and keeps its pieces."""
        asked = _message("user", text)
        turn = AgentTurn(
            "ana", "chat_1", "sess_1", asked, tuple(self._history), self._checkpoint or None
        )
        *pieces, answer = [piece async for piece in self._new_agent().execute_agent(turn, self)]
        assert isinstance(answer, AgentAnswer)
        self.pieces = [piece for piece in pieces if isinstance(piece, str)]
        self._checkpoint = answer.checkpoint
        self._history += [asked, _message("assistant", answer.text)]
        return answer


def _message(role: Role, content: str) -> Message:
    return Message(new_id("msg"), "chat_1", "ana", role, content, now_timestamp())
