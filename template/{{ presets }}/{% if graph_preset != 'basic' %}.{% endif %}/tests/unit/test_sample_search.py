import pytest

from app.core.service.llm.sample_search import SampleSearch
from app.core.service.llm.sample_words import NOISE

SHELF = ["Xylo beans: for whoever drums them", "Drums: loud", f"Flute: {NOISE}", "Água e canção"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("DRUMS!", ["Drums: loud", SHELF[0]]),
        ("loud drums", ["Drums: loud", SHELF[0]]),
        ("xylo beans, drums", [SHELF[0]]),
        ("flutes", [SHELF[2]]),
        ("cancoes, agua", ["Água e canção"]),
        (f"{NOISE} zither", []),
        ("", []),
    ],
)
def test_what_fits_is_found_but_not_by_chance_and_names_come_first(
    question: str, found: list[str]
) -> None:
    assert SampleSearch(SHELF, str).best(question, 2) == found


def test_no_more_is_found_than_asked_for() -> None:
    assert SampleSearch(SHELF, str).best("drums", 1) == ["Drums: loud"]
