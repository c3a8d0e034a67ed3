"""Long replies in parts: within Meta's limit, complete, and cut where a reader would pause."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.core.service.whatsapp.message_splitting import MAX_CHARACTERS, split_message

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        ("  \n ", 10, []),
        ("exactly 10", 10, ["exactly 10"]),
        ("a" * 11, 10, ["a" * 10, "a"]),
        ("first\n\nsecond part", 12, ["first\n\n", "second part"]),
        ("line one\nline two", 12, ["line one\n", "line two"]),
        ("One two. Three four", 14, ["One two. ", "Three four"]),
        ("Olá! “Tudo?” Sim, tudo", 16, ["Olá! “Tudo?” ", "Sim, tudo"]),
        ("one two three", 10, ["one two ", "three"]),
        # A paragraph's end at the very beginning is worse than a word's near the limit.
        ("a\n\nbbb ccc ddd", 10, ["a\n\nbbb ", "ccc ddd"]),
        # A long address stays whole where it can.
        ("see https://a.example/b", 20, ["see ", "https://a.example/b"]),
        ("x" + "\u0301" * 30, 10, ["x" + "\u0301" * 9, "\u0301" * 10, "\u0301" * 10, "\u0301"]),
    ],
)
def test_where_a_text_is_split(text: str, limit: int, parts: list[str]) -> None:
    assert split_message(text, limit) == parts


@pytest.mark.parametrize("grapheme", [FAMILY, "🇧🇷", "e\u0301", "ก็", "\r\n"])
def test_a_character_that_people_see_is_never_cut(grapheme: str) -> None:
    text = f"a{grapheme * 3000}a"
    parts = split_message(text)
    assert "".join(parts) == text or grapheme == "\r\n"
    for part in parts:
        assert len(part) <= MAX_CHARACTERS
        assert part.strip("a").replace(grapheme, "").strip() == ""


alphabet = st.sampled_from(["a", "é", " ", "\n", ". ", "! ", FAMILY, "e\u0301", "\u0301", "\r\n"])


@given(st.lists(alphabet, max_size=120).map("".join), st.integers(8, 40))
def test_parts_fit_are_complete_and_keep_characters_whole(text: str, limit: int) -> None:
    parts = split_message(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert all(part.strip() for part in parts)
    kept = "".join(parts)
    assert regex.sub(r"\s", "", kept) == regex.sub(r"\s", "", text)
    if all(len(grapheme) <= limit for grapheme in regex.findall(r"\X", text)):
        graphemes = [g for part in parts for g in regex.findall(r"\X", part) if g.strip()]
        assert graphemes == [g for g in regex.findall(r"\X", text) if g.strip()]
