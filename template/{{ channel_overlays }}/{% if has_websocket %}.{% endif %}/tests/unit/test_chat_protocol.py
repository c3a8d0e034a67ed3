"""Questions, cancellations, nonsense and goodbyes in any order."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.chat_protocol import ChatProtocol


def test_every_message_has_one_outcome_and_every_session_its_end() -> None:
    few = settings(
        max_examples=4,
        stateful_step_count=12,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(ChatProtocol, settings=few)
