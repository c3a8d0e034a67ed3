"""Check what Meta and the bot know of each other: `uv run python -m scripts.check_whatsapp --url https://…`.

Reads the settings as the bot does, asks the Graph API, and asks the webhook what Meta would ask it.
Nothing is changed and nobody is written to. The exit code is 1 if something is wrong.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import httpx

from app.core.config import Settings, SettingsError, load_settings
from scripts import check_whatsapp_texts as texts
from scripts.check_whatsapp_findings import Finding, note, wrong
from scripts.check_whatsapp_meta import MetaCheck, MetaOptions
from scripts.check_whatsapp_webhook import WEBHOOK_PATH, WebhookCheck, WebhookOptions

_TIMEOUT_SECONDS = 15
_REQUIRED = (
    "whatsapp_phone_number_id",
    "whatsapp_access_token",
    "whatsapp_verify_token",
    "whatsapp_app_secret",
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    # A Windows console may not have every character of the messages.
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(texts.SETTINGS.format(reason=error))
    are_all_well = True
    for finding in _findings(settings, options):
        are_all_well = are_all_well and not finding.is_wrong
        print(finding.line(), flush=True)
    print(texts.ALL_WELL if are_all_well else texts.SOMETHING_WRONG)
    sys.exit(0 if are_all_well else 1)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.check_whatsapp", description=texts.DESCRIPTION
    )
    parser.add_argument("--url", help=texts.HELP_URL)
    parser.add_argument("--app-id", help=texts.HELP_APP_ID)
    return parser.parse_args(arguments)


def _findings(settings: Settings, options: argparse.Namespace) -> Iterator[Finding]:
    missing = [name.upper() for name in _REQUIRED if not _value(settings, name)]
    for name in missing:
        yield wrong(texts.SETTING_MISSING.format(name=name))
    webhook_url = _webhook_url(options.url)
    with httpx.Client(timeout=_TIMEOUT_SECONDS) as http:
        if _is_stand_in(settings.whatsapp_graph_url):
            yield note(texts.STAND_IN.format(url=settings.whatsapp_graph_url))
        elif not {"WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_ACCESS_TOKEN"} & set(missing):
            yield from MetaCheck(http, _meta_options(settings, options.app_id, webhook_url)).run()
        if webhook_url is None:
            yield note(texts.NO_URL)
        else:
            yield from WebhookCheck(http, _webhook_options(settings, webhook_url)).run()


def _value(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def _meta_options(settings: Settings, app_id: str | None, webhook_url: str | None) -> MetaOptions:
    return MetaOptions(
        graph_url=settings.whatsapp_graph_url,
        phone_number_id=settings.whatsapp_phone_number_id,
        access_token=settings.whatsapp_access_token.get_secret_value(),
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
        app_id=app_id,
        webhook_url=webhook_url,
        version=settings.whatsapp_graph_version,
    )


def _webhook_options(settings: Settings, webhook_url: str) -> WebhookOptions:
    return WebhookOptions(
        url=webhook_url,
        verify_token=settings.whatsapp_verify_token.get_secret_value(),
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
    )


def _webhook_url(url: str | None) -> str | None:
    """Return the webhook of the bot at the address, which may already be the webhook's."""
    if url is None:
        return None
    return f"{url.rstrip('/').removesuffix(WEBHOOK_PATH)}{WEBHOOK_PATH}"


def _is_stand_in(graph_url: str) -> bool:
    return urlsplit(graph_url).scheme == "http"


if __name__ == "__main__":
    main()
