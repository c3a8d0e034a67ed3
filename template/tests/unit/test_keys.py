from hypothesis import example, given
from hypothesis import strategies as st

from domain.keys import escape_key_part, unescape_key_part

PARTS = st.text(st.characters(codec="utf-8") | st.sampled_from("#%23"))


@given(PARTS)
def test_a_key_part_has_no_separator(value: str) -> None:
    assert "#" not in escape_key_part(value)


@given(PARTS)
@example("%2523#")
def test_what_was_escaped_is_read_back(value: str) -> None:
    assert unescape_key_part(escape_key_part(value)) == value


@given(PARTS, PARTS)
@example("#", "%23")
@example("%", "%25")
def test_distinct_values_are_distinct_key_parts(one: str, other: str) -> None:
    assert (escape_key_part(one) == escape_key_part(other)) == (one == other)


def test_an_ordinary_id_is_its_own_key_part() -> None:
    assert escape_key_part("chat_0af3-é@x.y") == "chat_0af3-é@x.y"
