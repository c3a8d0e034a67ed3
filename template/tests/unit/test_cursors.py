import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.exceptions.storage import InvalidCursor
from infra.dynamodb.cursors import cursor_after, sort_key_of

few = settings(max_examples=20)


@few
@given(st.text(max_size=50))
def test_a_cursor_leads_back_to_its_place(text: str) -> None:
    assert sort_key_of(cursor_after(f"MSG#{text}"), "MSG#") == f"MSG#{text}"


@few
@given(st.text(max_size=50))
def test_any_other_text_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(InvalidCursor):
        sort_key_of(text + "=", "MSG#")


@pytest.mark.parametrize("sort_key", ["CHAT#1", "", "MSG#" + "a" * 1021])
def test_a_place_of_another_listing_or_of_none_is_refused(sort_key: str) -> None:
    with pytest.raises(InvalidCursor):
        sort_key_of(cursor_after(sort_key), "MSG#")
