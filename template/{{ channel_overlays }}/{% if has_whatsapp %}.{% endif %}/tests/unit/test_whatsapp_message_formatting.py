"""A model's Markdown in WhatsApp's own formatting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.service.whatsapp.message_formatting import to_whatsapp, whatsapp_messages
from app.core.service.whatsapp.message_splitting import MAX_CHARACTERS


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("**bold** and **b**", "*bold* and *b*"),
        ("*italic* and _italic_", "_italic_ and _italic_"),
        ("***both***", "*_both_*"),
        ("~~struck~~", "~struck~"),
        ("**Total: *R$ 10*.**", "*Total: _R$ 10_.*"),
        ("_so **very** good_", "_so *very* good_"),
        ("`**code**`", "`**code**`"),
        ("```python\na = 2**3\n# no heading\n```", "```a = 2**3\n# no heading```"),
        ("~~~\na\n```\n~~~\n**b**", "```a\n``````\n*b*"),
        ("```\nnot closed", "```not closed```"),
        ("# Title", "*Title*"),
        ("### A **bold** title ##", "*A bold title*"),
        ("## Was 2*3*4 `c`?", "*Was 2*3*4 `c`?*"),
        ("#hashtag", "#hashtag"),
        ("* one\n+ two\n  * **three**\n- four", "- one\n- two\n  - *three*\n- four"),
        ("1. one\n2) two", "1. one\n2) two"),
        ("> * quoted **words**", "> - quoted *words*"),
        ("[our site](https://a.example/x_(y))", "our site (https://a.example/x_(y))"),
        ("[**site**](https://a.example)", "*site* (https://a.example)"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("![a cat](https://a.example/cat.png)", "a cat (https://a.example/cat.png)"),
        ("https://a.example/__x__/~~y~~", "https://a.example/__x__/~~y~~"),
        ("**See https://a.example**", "*See https://a.example*"),
        ("2 * 3 * 4, 2*3*4, 2**3**4", "2 * 3 * 4, 2*3*4, 2**3**4"),
        ("snake_case_name, __init__.py", "snake_case_name, __init__.py"),
        ("** not bold **", "** not bold **"),
        ("**one\ntwo**", "**one\ntwo**"),
        ("| a | b |", "| a | b |"),
        ("**Nome:**Ana e **Idade:**30", "*Nome:* Ana e *Idade:* 30"),
        ("__bold__ and __two words__.", "*bold* and *two words*."),
        (
            "Preços:\n\n| **Plano** | Preço |\n|:---|---:|\n| Um | **R$ 10** |\n| Dois | R$ 20 |\n\nFim",
            "Preços:\n\n*Plano · Preço*\n- Um · *R$ 10*\n- Dois · R$ 20\n\nFim",
        ),
        ("```\n| a | b |\n|---|---|\n```", "```| a | b |\n|---|---|```"),
    ],
)
def test_marks_become_those_of_whatsapp(markdown: str, shown: str) -> None:
    assert to_whatsapp(markdown) == shown


@given(st.text(st.characters(blacklist_characters="*_~`[]()#+", blacklist_categories=["Cs"])))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert to_whatsapp(text) == text


marked = st.lists(st.sampled_from([*"0123 \n*_~`[]()#>-+.!|", "**", "```", "~~", "é"])).map("".join)


@given(marked)
def test_no_text_is_lost_whatever_the_marks(markdown: str) -> None:
    def words(text: str) -> list[str]:
        return [character for character in text if character.isalnum()]

    assert words(to_whatsapp(markdown)) == words(markdown)


def test_marks_within_marks_within_marks_take_no_long() -> None:
    to_whatsapp("*_**_" * 20_000)
    to_whatsapp("[" * 20_000 + "](" * 20_000)


def test_code_that_goes_on_in_the_next_message_is_code_there_too() -> None:
    lines = "\n".join(["0123456789"] * 700)
    messages = whatsapp_messages(f"Look:\n```\n{lines}\n```\nThat is **all**.")
    assert len(messages) == 2
    assert all(len(message) <= MAX_CHARACTERS for message in messages)
    assert messages[0].startswith("Look:\n```0123") and messages[0].endswith("```")
    assert messages[1].startswith("```0123") and messages[1].endswith("```\nThat is *all*.")
