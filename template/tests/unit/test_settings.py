import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from app.core.config import Settings, SettingsError, load_settings
from app.core.settings.core import DEFAULT_TABLE
from app.core.settings.operators import OperatorSettings
from app.core.settings_owner import OwnerSettings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory; what is read into the environment is taken out again."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "-1"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"APP_ENV": "staging"}, "APP_ENV"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"AWS_REGION": "Virginia"}, "AWS_REGION"),
        ({"AWS_ENDPOINT_URL": "localhost:8000"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "localhost"}, "AWS_ENDPOINT_URL_DYNAMODB"),
        ({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://"}, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
        ({"LOCAL_AWS": "perhaps"}, "LOCAL_AWS"),
        ({"USE_DYNAMODB_LOCAL": "perhaps"}, "USE_DYNAMODB_LOCAL"),
        ({"USE_DYNAMODB_LOCAL": "true"}, "AWS_ENDPOINT_URL"),
        ({"DDB_TABLE": "my table"}, "DDB_TABLE"),
        ({"DDB_TABLE": "ab"}, "DDB_TABLE"),
        ({"LLM_PROVIDER": "parrot"}, "LLM_PROVIDER"),
        ({"RATE_LIMIT_PER_MINUTE": "-1"}, "RATE_LIMIT_PER_MINUTE"),
        ({"BUDGET_TURNS_PER_CHAT": "-1"}, "BUDGET_TURNS_PER_CHAT"),
        ({"BUDGET_TOKENS_PER_DAY": "many"}, "BUDGET_TOKENS_PER_DAY"),
        ({"MODEL_PRICES": "amazon.nova-micro-v1:0=cheap"}, "MODEL_PRICES"),
        ({"BEDROCK_GUARDRAIL_ID": "My guardrail"}, "BEDROCK_GUARDRAIL_ID"),
        ({"BEDROCK_GUARDRAIL_VERSION": "0"}, "BEDROCK_GUARDRAIL_VERSION"),
        ({"OPERATOR_API_KEYS": "a-key-without-a-name"}, "OPERATOR_API_KEYS"),
        ({"OPERATOR_API_KEYS": "a-key:Rita,a-key:Joana"}, "OPERATOR_API_KEYS"),
        ({"RATE_LIMIT_PER_MINUTE": "many"}, "RATE_LIMIT_PER_MINUTE"),
        ({"APP_ENV": "production", "LLM_PROVIDER": "offline"}, "LLM_PROVIDER"),
        ({"APP_ENV": "production", "LOCAL_AWS": "true"}, "LOCAL_AWS"),
        (
            {
                "APP_ENV": "production",
                "USE_DYNAMODB_LOCAL": "true",
                "AWS_ENDPOINT_URL": "https://dynamodb.example.org",
            },
            "USE_DYNAMODB_LOCAL",
        ),
        (
            {"APP_ENV": "production", "AWS_ENDPOINT_URL": "http://vpce.example.org"},
            "AWS_ENDPOINT_URL",
        ),
        ({"APP_ENV": "production", "LOG_LEVEL": "DEBUG"}, "LOG_LEVEL"),
        ({"LOCAL_AWS": "true", "LOCAL_MODEL_URL": "localhost:11434"}, "LOCAL_MODEL_URL"),
        ({"LOCAL_AWS": "false", "LOCAL_MODEL_URL": "http://localhost:11434"}, "LOCAL_MODEL_URL"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_one_line_that_names_it(
    environment: dict[str, str], names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        load_settings(OwnerSettings)
    line = str(refusal.value)
    assert line.startswith(f"{names}: ")
    assert "\n" not in line


def test_in_production_a_key_is_hard_to_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the other parts of the bot, of which production asks more as well.
    alone = cast(type[Settings], OperatorSettings)
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("OPERATOR_API_KEYS", "a-key-of-16-char:Rita")
    assert load_settings(alone).operator_names() == {"a-key-of-16-char": "Rita"}
    monkeypatch.setenv("OPERATOR_API_KEYS", "a-key-of-16-char:Rita,a-short-key:Joana")
    with pytest.raises(SettingsError, match=r"^OPERATOR_API_KEYS: ") as refusal:
        load_settings(alone)
    assert "a-short-key" not in str(refusal.value)


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("DDB_TABLE", "")
    settings = load_settings(OwnerSettings)
    assert (settings.port, settings.ddb_table) == (8181, DEFAULT_TABLE)


def test_the_file_is_read_and_the_environment_goes_before_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("PORT=1111\nRATE_LIMIT_PER_MINUTE=7\nAWS_PROFILE=team\n")
    monkeypatch.setenv("PORT", "2222")
    settings = load_settings(OwnerSettings)
    assert (settings.port, settings.rate_limit_per_minute) == (2222, 7)
    # For the AWS SDK, which reads its own names from the environment.
    assert os.environ["AWS_PROFILE"] == "team"


def test_names_that_are_no_settings_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    assert load_settings(OwnerSettings).port == 8181


def test_a_setting_of_the_owner_is_read_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithCrm(OwnerSettings):
        crm_url: str

    with pytest.raises(SettingsError, match=r"^CRM_URL: "):
        load_settings(WithCrm)
    monkeypatch.setenv("CRM_URL", "https://crm.example.org")
    settings = load_settings(WithCrm)
    assert isinstance(settings, WithCrm)
    assert settings.crm_url == "https://crm.example.org"
