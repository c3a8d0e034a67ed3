from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.exceptions.storage import InvalidCursor
from infra.dynamodb.cursors import cursor_after, sort_key_of

SORT_KEYS = st.text(st.characters(codec="utf-8"), max_size=200).map("MSG#{}".format)


@settings(max_examples=50)
@given(SORT_KEYS)
def test_a_cursor_leads_back_to_its_place(sort_key: str) -> None:
    assert sort_key_of(cursor_after(sort_key), "MSG#") == sort_key


@settings(max_examples=50)
@given(st.text(st.characters()) | SORT_KEYS.map(cursor_after), st.sampled_from(["MSG#", "CHAT#"]))
def test_any_text_is_a_place_of_the_list_or_refused_as_a_cursor(cursor: str, prefix: str) -> None:
    with suppress(InvalidCursor):
        assert sort_key_of(cursor, prefix).startswith(prefix)
