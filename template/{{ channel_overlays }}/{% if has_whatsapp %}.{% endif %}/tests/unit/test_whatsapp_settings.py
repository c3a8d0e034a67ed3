import pytest

from app.core.config import SettingsError, load_settings
from app.core.settings_owner import OwnerSettings

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


@pytest.mark.parametrize(("url", "waking"), [("", "in_process"), (FIFO, "queue")])
def test_the_queue_decides_who_answers(
    url: str, waking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSAPP_QUEUE_URL", url)
    assert load_settings(OwnerSettings).whatsapp_waking == waking
