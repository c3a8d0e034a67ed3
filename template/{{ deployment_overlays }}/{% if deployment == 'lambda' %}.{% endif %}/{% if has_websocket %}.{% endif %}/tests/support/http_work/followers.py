"""Operators write in a chat that clients have open: one who is there, one who has left."""

from tests.support.http_work.operators import answer_and_release
from tests.support.recorded_functions import Elsewhere, RecordedFunction

VARIABLES: dict[str, str] = {}
_CLIENTS = ("here", "gone")


def work(http: RecordedFunction, elsewhere: Elsewhere) -> None:
    """Do it in a chat of its own."""
    chat_id = elsewhere.hand_over("ana")
    connections = elsewhere.container.connections.connection_repository()
    for connection_id in _CLIENTS:
        elsewhere.run(connections.open(connection_id, "ana"))
        elsewhere.run(connections.follow(connection_id, chat_id))
    answer_and_release(http, chat_id)
