"""The bot's properties with thousands of examples; its own tests have a few of each."""

import os
import time
from collections.abc import Callable

import pytest
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import InvalidCursor
from domain.keys import escape_key_part
from domain.personal_data import without_personal_data
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from infra.bedrock.event_stream import EventDecoder, StreamError
from infra.dynamodb.cursors import cursor_after, sort_key_of
from interface.websocket.incoming import parse_follow, parse_object, parse_question
from tests.support.chat_protocol import ChatProtocol
from tests.support.event_stream_frames import NOT_READABLE, frames

Figures = Callable[..., None]

EXAMPLES = int(os.environ.get("FIRE_EXAMPLES", "5000"))
CONVERSATIONS = int(os.environ.get("FIRE_CONVERSATIONS", "1000"))

many = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
# Text that looks like what the masks look for.
PIECES = st.sampled_from(
    [
        *"0123456789 .-/()+@_:\u2011\uff20aZ",
        *("cep ", "rg: ", "55", "000201", "6304", "4111", "chat_", "ana@x.org"),
        "123e4567-e89b-42d3-a456-426614174000",
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)


def test_the_protocol_of_a_connection(figures: Figures) -> None:
    started = time.monotonic()
    more = settings(
        max_examples=CONVERSATIONS,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(ChatProtocol, settings=more)
    seconds = f"of up to 40 steps, {time.monotonic() - started:.0f} s"
    figures("WebSocket protocol machine", cases=CONVERSATIONS, passed=CONVERSATIONS, figure=seconds)


def test_masks(figures: Figures) -> None:
    @many
    @given(TEXTS)
    @example("11 98765-4321 98765-4321 ana@x.org@y.org")
    def once_is_enough(text: str) -> None:
        masked = without_personal_data(text)
        assert without_personal_data(masked) == masked

    once_is_enough()
    figures("masks: idempotent, total", cases=EXAMPLES, passed=EXAMPLES)


@pytest.mark.parametrize("piece", ["1", "1 ", "+1", "a.b-", "a@", "000201", "f1", "4111 ", "0-"])
def test_masks_take_time_that_grows_with_the_text(piece: str, figures: Figures) -> None:
    seconds = []
    for size in (50_000, 200_000):
        text = piece * (size // len(piece))
        started = time.process_time()
        without_personal_data(text)
        seconds.append(time.process_time() - started)
    is_linear = seconds[1] < 8 * seconds[0] + 0.05
    told = f"{seconds[0] * 1000:.0f} ms, four times as long {seconds[1] * 1000:.0f} ms"
    figures(f"masks: 50,000 characters of {piece!r}", cases=1, passed=int(is_linear), figure=told)
    assert is_linear


def test_what_a_client_sends(figures: Figures) -> None:
    @many
    @given(st.binary(max_size=400) | st.text(max_size=200))
    def is_an_object_or_refused(raw: bytes | str) -> None:
        try:
            value = parse_object(raw)
        except BusinessException:
            return
        for parse in (parse_question, parse_follow):
            try:
                parse(value)
            except BusinessException as refusal:
                assert refusal.code == "invalid_request"

    is_an_object_or_refused()
    figures("messages of a socket: arbitrary bytes", cases=EXAMPLES, passed=EXAMPLES)


def test_what_the_model_sends(figures: Figures) -> None:
    @many
    @given(st.lists(st.text(max_size=30), max_size=5), st.data())
    def cut_anywhere_says_the_same(texts: list[str], data: st.DataObject) -> None:
        raw = frames(texts)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
        decoder, read = EventDecoder(), []
        for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
            read += [*decoder.feed(raw[begin:end])]
        assert [event["contentBlockDelta"]["delta"]["text"] for event in read] == texts

    @many
    @given(
        st.binary(max_size=400) | st.text(max_size=50).map(lambda text: frames([text])), st.data()
    )
    def garbage_is_an_error_or_waits(raw: bytes, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, max(0, len(raw) - 1)))
        broken = raw[:place] + data.draw(st.binary(max_size=4)) + raw[place + 1 :]
        try:
            for event in EventDecoder().feed(broken):
                assert isinstance(event, dict)
        except (StreamError, *NOT_READABLE):
            return

    cut_anywhere_says_the_same()
    garbage_is_an_error_or_waits()
    figures("event stream: cut, broken", cases=2 * EXAMPLES, passed=2 * EXAMPLES)


def test_keys_and_cursors(figures: Figures) -> None:
    @many
    @given(TEXTS, TEXTS)
    def distinct_stays_distinct(one: str, other: str) -> None:
        assert "#" not in escape_key_part(one)
        assert (escape_key_part(one) == escape_key_part(other)) == (one == other)

    @many
    @given(TEXTS, st.sampled_from(["", "MSG#", "CHAT#"]))
    def a_cursor_is_a_place_of_its_listing_or_refused(text: str, prefix: str) -> None:
        assert sort_key_of(cursor_after(prefix + text), prefix) == prefix + text
        try:
            assert sort_key_of(text, prefix).startswith(prefix)
        except InvalidCursor:
            return

    distinct_stays_distinct()
    a_cursor_is_a_place_of_its_listing_or_refused()
    figures("keys and cursors", cases=2 * EXAMPLES, passed=2 * EXAMPLES)
