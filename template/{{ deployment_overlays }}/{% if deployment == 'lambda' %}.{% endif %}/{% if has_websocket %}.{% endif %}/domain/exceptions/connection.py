"""What can go wrong with a client's connection."""


class ConnectionGone(Exception):
    """The client has left."""


class TurnInProgress(Exception):
    """A turn of the connection is running already."""


class TurnNotStarted(Exception):
    """The function that answers could not be called."""
