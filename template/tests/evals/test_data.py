"""The labelled cases of this bot: valid, for every route and slot, and unknown to the bot itself."""

from pathlib import Path

import pytest

from evals.cases import CONVERSATIONS, UTTERANCES, Conversation, Utterance, read_cases
from evals.choices import choice_of, read_utterances
from evals.errors import EvalsError
from evals.task import CHOICES
from tests.support.bot_folder import BOT_FOLDER

GOOD = '{"name": "greets", "turns": [{"says": "Hi"}]}'


def test_the_cases_are_valid_and_their_labels_exist() -> None:
    assert read_utterances(UTTERANCES, CHOICES)
    assert read_cases(CONVERSATIONS, Conversation)


def test_every_route_and_slot_has_cases() -> None:
    labelled = {name: (set[str](), set[str]()) for name in CHOICES}
    for case in read_utterances(UTTERANCES, CHOICES):
        name = next(name for name in CHOICES if choice_of(case, CHOICES) is CHOICES[name])
        labelled[name][0].add(case.route)
        labelled[name][1].update(case.slots)
    for name, choice in CHOICES.items():
        assert labelled[name] == (set(choice.routes), set(choice.slots))


def test_the_bot_does_not_know_them() -> None:
    for layer in ("app", "domain", "infra", "interface"):
        for module in (BOT_FOLDER / layer).rglob("*.py"):
            assert "evals" not in module.read_text("utf-8"), module


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"name": "x", "turns": [{"says": "Hi"}]', "JSON"),
        ('{"name": "x"}', "turns: "),
        ('{"name": "x", "turns": []}', "turns: "),
        ('{"name": "x", "turns": [{"say": "Hi"}]}', "turns.say"),
        ('{"name": "x", "turns": [{"says": " "}]}', "turns.says: "),
        ('{"name": "x", "turns": [{"says": "a", "handoff": true}, {"says": "b"}]}', "hand-over"),
        (GOOD, "there is such a case already"),
    ],
)
def test_a_wrong_line_is_named(line: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "conversations.jsonl"
    file.write_text(f"{GOOD}\n\n{line}\n", "utf-8")
    with pytest.raises(EvalsError) as refused:
        read_cases(file, Conversation)
    message = str(refused.value)
    assert message.startswith(f"{file}, line 3: ")
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"route": "nowhere"}, "route: 'nowhere' is none of "),
        ({"choice": "no choice"}, "choice: 'no choice' is none of "),
        ({"slots": {"no slot": "x"}}, "slots: 'no slot' is none of "),
        ({"before": ("Hi",)}, "before: "),
    ],
)
def test_a_label_that_the_graph_has_not_is_named(
    change: dict[str, object], reason: str, tmp_path: Path
) -> None:
    name, choice = next(iter(CHOICES.items()))
    good = Utterance(says="Hi", choice=name, route=choice.routes[0])
    wrong = good.model_copy(update=change)
    file = tmp_path / "utterances.jsonl"
    file.write_text(f"{wrong.model_dump_json()}\n", "utf-8")
    with pytest.raises(EvalsError) as refused:
        read_utterances(file, CHOICES)
    assert str(refused.value).startswith(f"{file}, line 1: {reason}")
