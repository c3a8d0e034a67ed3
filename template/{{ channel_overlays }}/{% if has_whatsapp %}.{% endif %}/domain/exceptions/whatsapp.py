"""What can go wrong between the bot and the WhatsApp Cloud API, by what the caller can do about it."""


class InvalidDelivery(Exception):
    """The body of a delivery is not a JSON object that can be read."""


class QueueUnavailable(Exception):
    """The queue of the people to answer is out of reach, after the bounded retries."""


class InvalidWake(Exception):
    """The body of a queue's message does not name a person."""


class GraphError(Exception):
    """The Graph API did not accept a request.

    `code` is Meta's error code (-1 without one), `status` the HTTP status (0 without an answer),
    `trace_id` what Meta's support asks for. The message names neither a person nor a text.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int = -1,
        status: int = 0,
        trace_id: str = "",
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(f"{reason} (status {status}, code {code})")
        self.code = code
        self.status = status
        self.trace_id = trace_id
        self.retry_after = retry_after


class GraphRefused(GraphError):
    """Permanent: the same request will never be accepted."""


class GraphUncertain(GraphError):
    """The request was sent but not answered: it may have been accepted.

    Whoever repeats it waits for `retry_after` seconds.
    """


class GraphUnavailable(GraphError):
    """Transient: a later attempt may succeed, not before `retry_after` seconds have passed.

    Where it `is_doubtful`, the reason may also lie in the message itself.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int = -1,
        status: int = 0,
        trace_id: str = "",
        retry_after: float = 0.0,
        is_doubtful: bool = False,
    ) -> None:
        super().__init__(
            reason, code=code, status=status, trace_id=trace_id, retry_after=retry_after
        )
        self.is_doubtful = is_doubtful
