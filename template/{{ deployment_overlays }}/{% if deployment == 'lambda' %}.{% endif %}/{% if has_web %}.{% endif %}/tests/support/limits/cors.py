"""Pages of other origins."""

from tests.support.transport_limit import INSIDE, Limit

_PREFLIGHT = "local AWS refuses a preflight by itself; API Gateway hands it to the function"

LIMITS = (
    Limit("test_cors.py", "test_it_may_read_of_a_mistake_of_the_bots_too", INSIDE),
    Limit("test_cors.py", "test_a_page_of_a_listed_origin_may", _PREFLIGHT),
    Limit("test_cors.py", "test_a_page_of_another_origin_may_not", _PREFLIGHT),
)
