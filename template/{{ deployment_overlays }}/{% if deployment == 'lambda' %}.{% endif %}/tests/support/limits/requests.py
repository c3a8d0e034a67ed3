"""Any request."""

from tests.support.transport_limit import INSIDE, METRICS, Limit

_WIRE = "API Gateway reads requests in the bot's place"

LIMITS = (
    Limit("test_slow_clients.py", "", _WIRE),
    Limit("test_requests.py", "test_a_mistake_is_a_problem_without_internals", INSIDE),
    Limit("test_requests.py", "test_a_mistake_in_the_middle_of_an_answer", INSIDE),
    Limit("test_requests.py", "test_every_answer_has_an_id", METRICS, "/metrics"),
)
