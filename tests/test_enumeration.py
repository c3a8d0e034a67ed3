"""The enumeration of variants, which nox, pytest and the CI share."""

from itertools import combinations, product

import pytest

from questionnaire import QUESTIONNAIRE
from variants import VARIANTS, choices, pairwise, pairwise_by_channel, pairwise_by_preset

CHOICES = ("channels", "graph_preset", "deployment", "language", "ci")


@pytest.mark.parametrize("question", CHOICES)
def test_the_choices_are_those_of_the_questionnaire(question: str) -> None:
    assert choices(question) == tuple(QUESTIONNAIRE[question]["choices"].values())


def test_the_variants_are_the_product_of_the_questionnaires_choices() -> None:
    channels = QUESTIONNAIRE["channels"]["choices"].values()
    sets = [s for size in range(1, len(channels) + 1) for s in combinations(channels, size)]
    presets = QUESTIONNAIRE["graph_preset"]["choices"].values()
    deployments = QUESTIONNAIRE["deployment"]["choices"].values()
    languages = QUESTIONNAIRE["language"]["choices"].values()
    wanted = set(product(sets, presets, deployments, (True, False), languages))

    enumerated = [
        (v.channels, v.graph_preset, v.deployment, v.tracing, v.language) for v in VARIANTS
    ]
    assert set(enumerated) == wanted
    assert len(enumerated) == len(wanted) == 420


def test_ids_tell_variants_apart_and_make_good_file_names() -> None:
    ids = {variant.id for variant in VARIANTS}

    assert len(ids) == len(VARIANTS)
    assert all(
        set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-_") for name in ids
    )


def test_in_a_pairwise_selection_every_pair_of_answers_occurs() -> None:
    def pairs(variants: list[dict[str, object]]) -> set[str]:
        return {repr(pair) for answers in variants for pair in combinations(answers.items(), 2)}

    chosen = pairwise()

    assert pairs([v.answers for v in chosen]) == pairs([v.answers for v in VARIANTS])
    assert len(chosen) < len(VARIANTS) / 10


def test_by_channel_every_set_of_channels_and_every_two_of_the_other_answers_occur() -> None:
    chosen = pairwise_by_channel(VARIANTS)
    others = ("deployment", "tracing", "language")

    assert {v.channels for v in chosen} == {v.channels for v in VARIANTS}
    for one, other in combinations(others, 2):
        met = {(v.answers[one], v.answers[other]) for v in chosen}
        assert met == {(v.answers[one], v.answers[other]) for v in VARIANTS}
    for channel, other in product(choices("channels"), others):
        met = {(channel in v.channels, v.answers[other]) for v in chosen}
        assert met == {(channel in v.channels, v.answers[other]) for v in VARIANTS}
    assert {v.graph_preset for v in chosen} == {v.graph_preset for v in VARIANTS}


def test_by_preset_every_two_answers_but_the_channels_occur() -> None:
    chosen = pairwise_by_preset(VARIANTS)

    for one, other in combinations(("graph_preset", "deployment", "tracing", "language"), 2):
        met = {(v.answers[one], v.answers[other]) for v in chosen}
        assert met == {(v.answers[one], v.answers[other]) for v in VARIANTS}
