"""The steps of a turn as they are kept with its answer."""

from hypothesis import given
from hypothesis import strategies as st

from domain.dto.turn_step import MAX_STEPS_BYTES, TurnStep, steps_from_text, steps_to_text

NUMBERS = st.integers(0, 10**6)
NAMES = st.text(min_size=1, max_size=40)
STEPS = st.builds(
    TurnStep,
    node=NAMES,
    milliseconds=NUMBERS,
    input_tokens=NUMBERS,
    output_tokens=NUMBERS,
    tools=st.lists(NAMES, max_size=2).map(tuple),
    error=st.one_of(st.just(""), NAMES),
)


@given(st.lists(STEPS, max_size=30))
def test_they_have_a_bound_and_what_fits_is_kept_whole(steps: list[TurnStep]) -> None:
    text = steps_to_text(steps)
    kept = steps_from_text(text)
    assert len(text.encode()) <= MAX_STEPS_BYTES
    known = [step for step in kept if step in steps]
    if len(known) < len(kept):
        assert [step.node for step in kept if step not in known] == ["…"]
    else:
        assert list(kept) == steps


def test_those_of_a_usual_turn_fit_with_room_to_spare() -> None:
    nodes = ("identify_intent", "handle_complaint", "escalate", "handle_order", "respond")
    steps = [TurnStep(node, 1_234, 2_345, 345, ("SampleOrders.find",)) for node in nodes]
    assert steps_from_text(steps_to_text(steps)) == tuple(steps)


def test_what_another_version_wrote_is_no_steps() -> None:
    for text in ("", "{}", "1", "[1]", '["x"]', "[[]]", "[[", '{"node": 1}'):
        assert steps_from_text(text) == ()
