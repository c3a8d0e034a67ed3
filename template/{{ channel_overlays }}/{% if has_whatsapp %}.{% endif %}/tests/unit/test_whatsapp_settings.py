from typing import cast

import pytest

from app.core.config import Settings, SettingsError, load_settings
from app.core.settings.whatsapp import WhatsAppSettings
from app.core.settings_owner import OwnerSettings

# Without those of the other parts of the bot, of which production asks more as well.
WHATSAPP = cast(type[Settings], WhatsAppSettings)

FIFO = "https://sqs.us-east-1.amazonaws.com/123456789012/people.fifo"


@pytest.mark.parametrize(
    "environment",
    [
        {"WHATSAPP_QUEUE_URL": "people.fifo"},
        {"WHATSAPP_QUEUE_URL": FIFO.removesuffix(".fifo")},
        {"WHATSAPP_QUEUE_URL": FIFO, "LOCAL_AWS": "true"},
    ],
    ids=str,
)
def test_a_queue_that_would_not_do_is_refused_in_one_line(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        load_settings(OwnerSettings)
    assert str(refusal.value).startswith("WHATSAPP_QUEUE_URL: ")
    assert "\n" not in str(refusal.value)


def test_a_graph_version_that_is_none_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WHATSAPP_GRAPH_VERSION", "26")
    with pytest.raises(SettingsError) as refusal:
        load_settings(OwnerSettings)
    assert str(refusal.value).startswith("WHATSAPP_GRAPH_VERSION: ")
    assert "\n" not in str(refusal.value)


PRODUCTION = {
    "APP_ENV": "production",
    "WHATSAPP_APP_SECRET": "an-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "a-verify-token",
    "WHATSAPP_ACCESS_TOKEN": "an-access-token",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHATSAPP_APP_SECRET", ""),
        ("WHATSAPP_VERIFY_TOKEN", ""),
        ("WHATSAPP_ACCESS_TOKEN", ""),
        ("WHATSAPP_GRAPH_URL", "http://graph.example.org"),
        ("WHATSAPP_QUEUE_URL", FIFO.replace("https", "http")),
    ],
)
def test_production_needs_every_secret_and_encryption(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each, given in {**PRODUCTION, name: value}.items():
        monkeypatch.setenv(each, given)
    with pytest.raises(SettingsError, match=f"^{name}: "):
        load_settings(WHATSAPP)


@pytest.mark.parametrize(("url", "waking"), [("", "in_process"), (FIFO, "queue")])
def test_the_queue_decides_who_answers(
    url: str, waking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSAPP_QUEUE_URL", url)
    assert load_settings(OwnerSettings).whatsapp_waking == waking
