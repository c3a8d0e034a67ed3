import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from domain.text import cut

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇧🇷"
ACCENTED = "e\N{COMBINING ACUTE ACCENT}"


def graphemes(text: str) -> list[str]:
    found: list[str] = regex.findall(r"\X", text)
    return found


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("exactly10!", 10, "exactly10!"),
        ("one over 10", 10, "one over…"),
        ("a\n\tb   c", 10, "a b c"),
        (FAMILY * 10, 10, FAMILY * 10),
        (FAMILY * 11, 10, FAMILY * 9 + "…"),
        (FLAG * 3, 2, FLAG + "…"),
        (ACCENTED * 5, 4, ACCENTED * 3 + "…"),
        ("", 10, ""),
        ("word     ", 5, "word"),
    ],
)
def test_a_text_is_cut_to_one_line_of_whole_characters(
    text: str, limit: int, expected: str
) -> None:
    assert cut(text, limit) == expected


@given(
    st.text(st.characters(codec="utf-8") | st.sampled_from("\u200d\u0301🇧👩 \n")),
    st.integers(1, 20),
)
def test_a_cut_text_fits_and_its_characters_are_those_of_the_text(text: str, limit: int) -> None:
    result = cut(text, limit)
    whole = graphemes(" ".join(text.split()))
    assert len(graphemes(result)) <= limit
    if len(whole) <= limit:
        assert graphemes(result) == whole
    else:
        assert result.endswith("…")
        kept = result.removesuffix("…")
        assert "".join(whole[: limit - 1]).rstrip() == kept


def test_one_endless_character_is_still_cut_quickly() -> None:
    assert len(cut("e" + "\N{COMBINING ACUTE ACCENT}" * 100_000 + "abc", 2)) > 100_000
