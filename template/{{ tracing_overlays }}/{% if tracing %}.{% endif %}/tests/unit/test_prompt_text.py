"""Which constants of prompts.py can be managed elsewhere, and how they are found in messages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.service.llm.graph import prompts
from domain.dto.prompt_version import PromptVersion
from domain.prompt_text import FilePrompt, file_prompts
from infra.tracing.prompt_catalog import fault_of

OFFER_TASK = """Task: present {offer} to {who}, then {offer} again, {{as it is}}.
"""


def only(**constants: object) -> FilePrompt:
    (prompt,) = file_prompts(constants)
    return prompt


def test_what_instructs_the_model_is_managed_and_what_belongs_to_the_code_is_not() -> None:
    constants = {"SYSTEM_PROMPT": "a", "PITCH_TASK": "b", "FACTS": "c", "A_PROMPT": 3, "_TASK": "d"}
    assert [prompt.name for prompt in file_prompts(constants)] == ["SYSTEM_PROMPT", "PITCH_TASK"]


def test_every_prompt_of_the_file_can_stand_in_its_own_place() -> None:
    for prompt in file_prompts(vars(prompts)):
        version = PromptVersion(prompt.name, 1, prompt.managed_text)
        assert fault_of(version, prompt.placeholders) == ""
        values = dict.fromkeys(prompt.placeholders, "x")
        filled = prompt.text.format(**values) if values else prompt.text
        assert version.fill(values) == filled


@pytest.mark.parametrize(
    ("text", "placeholders"),
    [
        (OFFER_TASK, {"offer", "who"}),
        ('Answer as {"name": "Ana"}', set()),
        ("A brace { alone", set()),
        ("{0} and {}", set()),
        ("{price:.2f}", set()),
    ],
)
def test_placeholders_are_names_and_other_braces_are_text(
    text: str, placeholders: set[str]
) -> None:
    prompt = only(A_TASK=text)
    assert prompt.placeholders == placeholders
    if not placeholders:
        assert prompt.managed_text == text


@settings(max_examples=30)
@given(offer=st.text(), who=st.text())
def test_a_filled_in_prompt_is_filled_in_the_same_from_its_managed_text(
    offer: str, who: str
) -> None:
    prompt = only(OFFER_TASK=OFFER_TASK)
    filled = OFFER_TASK.format(offer=offer, who=who)
    found = prompt.pattern().fullmatch(filled)
    assert found is not None
    assert PromptVersion("p", 1, prompt.managed_text).fill(found.groupdict()) == filled


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{{ offer }} for {{who}}", ""),
        ("for {{who}}", "lacks the placeholder offer"),
        ("{{offer}}{{who}}{{price}}", "has the unknown placeholder price"),
        (" \n", "is empty"),
    ],
)
def test_a_version_is_used_only_with_the_files_placeholders(text: str, fault: str) -> None:
    assert fault_of(PromptVersion("p", 1, text), only(A_TASK=OFFER_TASK).placeholders) == fault
