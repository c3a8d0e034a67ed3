"""WebSocket."""

from tests.support.transport_limit import INSIDE, Limit

_REFUSAL = "local AWS refuses a handshake with 403; API Gateway takes the function's status"
_ECHO = "local AWS does not echo a subprotocol; API Gateway takes it from the function"
_FRAME = "API Gateway closes a connection at a frame over 32 KB or a message over 128 KB"
_TEXT = "local AWS makes text of a binary frame; API Gateway says that it was one"
_HELD = "API Gateway holds the connections, within its own quotas"
_CLOSE_CODE = "a function closes a connection without a code of its own"

_WIRE = "API Gateway speaks WebSocket in the bot's place, and the functions see whole messages"

LIMITS = (
    Limit("test_clients_websocket.py", "test_the_token_says_who_it_is", _REFUSAL),
    Limit("test_clients_websocket.py", "test_it_waits_for_a_bot_that_starts_again", INSIDE),
    Limit("test_websocket.py", "test_a_bot_that_stops_says_goodbye", INSIDE),
    Limit("test_websocket_frames.py", "", _WIRE),
    Limit("test_websocket_access.py", "test_without_a_good_credential_there_is_no", _REFUSAL),
    Limit("test_websocket_access.py", "test_a_refusal_is_no_error_of_the_bot", _REFUSAL),
    Limit("test_websocket_access.py", "test_only_pages_of_listed_origins", _REFUSAL, "-False"),
    Limit("test_websocket_access.py", "test_sockets_over_the_limit", _HELD),
    Limit("test_websocket_access.py", "test_the_limit_of_a_user", _HELD),
    Limit("test_websocket_access.py", "test_a_browser_sends_its_credential", _ECHO),
    Limit("test_websocket_bad_input.py", "test_bad_input_is_one_error", _FRAME, "[[["),
    Limit("test_websocket_bad_input.py", "test_bad_input_is_one_error", _FRAME, '{"a":{"a":'),
    Limit("test_websocket_bad_input.py", "test_bad_input_is_one_error", _FRAME, "too_large"),
    Limit("test_websocket_bad_input.py", "test_bad_input_is_one_error", _TEXT, "bytes"),
    Limit("test_websocket_bad_input.py", "test_a_frame_that_no_client_needs", _FRAME),
    Limit("test_websocket_bad_input.py", "test_a_client_in_a_loop_of_bad_messages", _CLOSE_CODE),
)
