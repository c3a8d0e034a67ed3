"""The settings of Langfuse: what they are by themselves, and what is refused."""

import tomllib

import pytest
from pydantic import ValidationError

from app.core.settings_owner import OwnerSettings
from tests.support.bot_folder import BOT_FOLDER


def test_the_release_is_the_bots_own_version_unless_it_is_set() -> None:
    project = tomllib.loads((BOT_FOLDER / "pyproject.toml").read_text("utf-8"))["project"]
    assert OwnerSettings().langfuse_release == project["version"]
    assert OwnerSettings(langfuse_release="4f2a91c").langfuse_release == "4f2a91c"


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"langfuse_sample_rate": "1.5"}, "langfuse_sample_rate"),
        ({"langfuse_prompt_label": "Two words"}, "langfuse_prompt_label"),
        ({"langfuse_prompts": "true"}, "LANGFUSE_PROMPTS: true needs LANGFUSE_PUBLIC_KEY"),
    ],
)
def test_what_cannot_work_is_named(setting: dict[str, str], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        OwnerSettings.model_validate(setting)
