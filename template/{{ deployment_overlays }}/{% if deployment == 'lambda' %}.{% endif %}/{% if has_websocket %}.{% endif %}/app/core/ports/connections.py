"""What serving connections without holding them needs of the outside."""

from collections.abc import Sequence
from typing import Protocol

from domain.dto.chat import Session
from domain.dto.connection import Connection, Counted, TurnOrder
from domain.dto.following import Payload


class ConnectionStorage(Protocol):
    """Connections, their turn and their sessions; every method raises StorageUnavailable."""

    async def open(
        self, connection_id: str, user_id: str | None, valid_until: float | None = None
    ) -> None:
        """Remember a new connection, whose credential holds until then (seconds since the epoch)."""
        ...

    async def find(self, connection_id: str) -> Connection | None:
        """Return the connection, or None once it is closed."""
        ...

    async def begin_turn(self, connection_id: str, turn_id: str) -> None:
        """Take the connection's one place for a turn.

        Raises:
            TurnInProgress: it is taken, or the connection is closed.
        """
        ...

    async def cancel_turn(self, connection_id: str, turn_id: str) -> None:
        """Note that the client gives the turn up; nothing happens if it is over."""
        ...

    async def end_turn(self, connection_id: str, turn_id: str) -> None:
        """Free the place that the turn holds."""
        ...

    async def keep_session(self, connection_id: str, session: Session) -> None:
        """Remember a session that ends with the connection."""
        ...

    async def find_session(self, connection_id: str, session_id: str) -> Session | None:
        """Return the session, if it is one of the connection's."""
        ...

    async def count(self, connection_id: str, what: Counted) -> int:
        """Count one more; returns how many there were in these ten seconds."""
        ...

    async def close(self, connection_id: str) -> Sequence[Session]:
        """Forget the connection; returns the sessions that end with it."""
        ...


class FollowerStorage(Protocol):
    """Which connections are told what operators write in a chat; raises StorageUnavailable."""

    async def follow(self, connection_id: str, chat_id: str) -> None:
        """Tell the connection from now on, and of this chat alone."""
        ...

    async def unfollow(self, connection_id: str, chat_id: str) -> None:
        """Tell the connection no longer."""
        ...

    async def followers(self, chat_id: str) -> Sequence[str]:
        """Return the connections that follow the chat."""
        ...


class ConnectionSender(Protocol):
    """Reaches clients that are connected."""

    async def send(self, connection_id: str, payload: Payload) -> None:
        """Send an event.

        Raises:
            ConnectionGone: the client has left.
        """
        ...

    async def disconnect(self, connection_id: str) -> None:
        """Close the client's connection; one that is closed stays so."""
        ...


class TurnFunction(Protocol):
    """Calls the function that runs turns, without waiting for it."""

    async def greet(self, connection_id: str) -> None:
        """Have a new client told that it is connected.

        Raises:
            TurnNotStarted: the call was not accepted.
        """
        ...

    async def answer(self, order: TurnOrder) -> None:
        """Have a question answered.

        Raises:
            TurnNotStarted: the call was not accepted.
        """
        ...


class OperatorNews(Protocol):
    """Is told what operators do in a chat, so that whoever has it open sees it at once."""

    async def operator_wrote(self, chat_id: str, payload: Payload) -> None:
        """An operator wrote; `payload` is the event."""
        ...

    async def released(self, chat_id: str, payload: Payload) -> None:
        """The chat was given back to the bot; `payload` is the event."""
        ...
