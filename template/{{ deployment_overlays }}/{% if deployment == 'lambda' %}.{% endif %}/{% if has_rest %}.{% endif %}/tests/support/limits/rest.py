"""REST."""

from tests.support.transport_limit import INSIDE, METRICS, Limit

_BUFFERED = "the HTTP API hands an answer on once it is whole, and does not say that a client left"
_PREFLIGHT = "local AWS refuses a preflight by itself; API Gateway hands it to the function"
_REPLACED = "local AWS replaces bytes that are no UTF-8 before the function sees them"

LIMITS = (
    Limit("test_clients_rest.py", "test_a_stream_may_be_left_early", _BUFFERED),
    Limit("test_openai_api.py", "test_a_client_that_leaves_ends_the_model_call", _BUFFERED),
    Limit("test_openai_api.py", "test_errors_of_every_layer_have_openais_form", INSIDE),
    Limit("test_openai_api.py", "test_pages_of_listed_origins_may", _PREFLIGHT),
    Limit("test_openai_conversations.py", "test_an_answer_that_was_stopped", _BUFFERED),
    Limit("test_rest_access.py", "test_operations_need_no_credential", METRICS),
    Limit("test_rest_completions.py", "test_a_piece_arrives_before_the_next_one", _BUFFERED),
    Limit("test_rest_completions.py", "test_a_client_that_leaves_ends_the_model_call", _BUFFERED),
    Limit("test_rest_completions.py", "test_a_client_that_does_not_read", _BUFFERED),
    Limit("test_rest_completions.py", "test_a_bot_that_stops_gives_the_answer", INSIDE),
    Limit("test_rest_completions.py", "test_a_body_that_is_no_question", _REPLACED, "xff"),
)
