from typing import cast

import pytest

from app.core.config import Settings, SettingsError, load_settings
from app.core.settings.access import AccessSettings

# Without those of the other parts of the bot, of which production asks more as well.
ACCESS = cast(type[Settings], AccessSettings)

SECRET = "the-secret-key-of-ana"
PRODUCTION = {"APP_ENV": "production", "AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{SECRET}:ana"}
JWT = {
    "AUTH_MODE": "jwt",
    "AUTH_JWKS_URL": "https://issuer.example/keys",
    "AUTH_JWT_ISSUER": "https://issuer.example",
    "AUTH_JWT_AUDIENCE": "the-bot",
}


def without(settings: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in settings.items() if key != name}


def load(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AccessSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings(ACCESS)


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"AUTH_MODE": "basic"}, "AUTH_MODE"),
        ({"AUTH_MODE": "api_key"}, "AUTH_API_KEYS"),
        ({"AUTH_MODE": "api_key", "AUTH_API_KEYS": SECRET}, "AUTH_API_KEYS"),
        ({"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{SECRET}:"}, "AUTH_API_KEYS"),
        ({"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"a:ana,:{SECRET}"}, "AUTH_API_KEYS"),
        (
            {"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{SECRET}:ana,{SECRET}:eva"},
            "AUTH_API_KEYS",
        ),
        (
            {
                "AUTH_MODE": "api_key",
                "AUTH_API_KEYS": f"{SECRET}:ana",
                "OPERATOR_API_KEYS": f"{SECRET}:Rita",
            },
            "AUTH_API_KEYS",
        ),
        ({**PRODUCTION, "AUTH_API_KEYS": f"{SECRET}:ana,short:eva"}, "AUTH_API_KEYS"),
        (
            {**JWT, "APP_ENV": "production", "AUTH_JWKS_URL": "http://issuer.example/keys"},
            "AUTH_JWKS_URL",
        ),
        ({**PRODUCTION, "ALLOWED_ORIGINS": "https://a.example/chat"}, "ALLOWED_ORIGINS"),
        (without(JWT, "AUTH_JWKS_URL"), "AUTH_JWKS_URL"),
        (without(JWT, "AUTH_JWT_ISSUER"), "AUTH_JWT_ISSUER"),
        (without(JWT, "AUTH_JWT_AUDIENCE"), "AUTH_JWT_AUDIENCE"),
        ({**JWT, "AUTH_JWKS_URL": "issuer.example/keys"}, "AUTH_JWKS_URL"),
        ({"CHAT_PAGE_ENABLED": "perhaps"}, "CHAT_PAGE_ENABLED"),
        ({"APP_ENV": "production"}, "AUTH_MODE"),
        ({**PRODUCTION, "AUTH_MODE": "none"}, "AUTH_MODE"),
        ({**PRODUCTION, "ALLOWED_ORIGINS": "*"}, "ALLOWED_ORIGINS"),
        (
            {**PRODUCTION, "ALLOWED_ORIGINS": "https://a.example,http://b.example"},
            "ALLOWED_ORIGINS",
        ),
        ({**PRODUCTION, "ALLOWED_ORIGINS": "a.example"}, "ALLOWED_ORIGINS"),
    ],
    ids=range(20),
)
def test_a_wrong_setting_is_one_line_that_names_it_and_tells_no_secret(
    environment: dict[str, str], names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError) as refusal:
        load(environment, monkeypatch)
    line = str(refusal.value)
    assert line.startswith(f"{names}: ")
    assert "\n" not in line
    assert SECRET not in line


@pytest.mark.parametrize(
    "environment",
    [
        {},
        PRODUCTION,
        {**PRODUCTION, "ALLOWED_ORIGINS": "https://a.example:8443"},
        JWT,
        {**JWT, "APP_ENV": "production"},
        # Nothing leaves the machine.
        {**PRODUCTION, "AWS_ENDPOINT_URL": "http://localhost:4566"},
    ],
    ids=[
        *("by default", "production", "production with a page elsewhere"),
        *("tokens", "production with tokens", "a proxy on the same machine"),
    ],
)
def test_sound_settings_are_accepted(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(environment, monkeypatch).auth_mode == environment.get("AUTH_MODE", "none")


def test_origins_are_a_list_without_slashes_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load({"ALLOWED_ORIGINS": " https://a.example/ ,,https://b.example"}, monkeypatch)
    assert settings.allowed_origins == ("https://a.example", "https://b.example")


def test_secrets_do_not_show_when_the_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SECRET not in repr(load(PRODUCTION, monkeypatch))
