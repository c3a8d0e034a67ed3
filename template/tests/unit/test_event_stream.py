from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.bedrock.event_stream import EventDecoder, StreamError
from tests.support.event_stream_frames import NOT_READABLE, frames

few = settings(max_examples=20)


def read(*pieces: bytes) -> list[dict[str, Any]]:
    decoder = EventDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


@few
@given(st.lists(st.text(max_size=10), max_size=3), st.floats(0, 1), st.floats(0, 1))
def test_frames_that_arrive_in_pieces_are_the_same_events(
    texts: list[str], one: float, other: float
) -> None:
    raw = frames(texts)
    first, second = sorted((int(one * len(raw)), int(other * len(raw))))
    events = read(raw[:first], raw[first:second], raw[second:])
    assert [event["contentBlockDelta"]["delta"]["text"] for event in events] == texts


@few
@given(st.binary(max_size=60), st.floats(0, 1), st.binary(max_size=3))
def test_what_is_no_event_stream_is_an_error_that_is_expected_or_nothing_yet(
    garbage: bytes, place: float, noise: bytes
) -> None:
    raw = frames(["Hello!"])
    cut = int(place * len(raw))
    for broken in (garbage, raw[:cut] + noise + raw[cut + 1 :]):
        try:
            read(broken)
        except (StreamError, *NOT_READABLE):
            continue
