"""`python -m scripts.check_whatsapp`: every way in which a set-up is wrong gets a sentence."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts import check_whatsapp
from scripts import check_whatsapp_texts as texts
from scripts.check_whatsapp_findings import Finding
from scripts.check_whatsapp_meta import MetaCheck, MetaOptions
from scripts.check_whatsapp_webhook import WebhookCheck, WebhookOptions
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotInside, BotsInside
from tests.support.meta_fake import (
    ACCOUNT_ID,
    APP_ID,
    APP_SECRET,
    IN_ORDER,
    NUMBER_ID,
    TOKEN,
    WEBHOOK,
    MetaFake,
    refused,
)
from tests.support.wire_server import Exchange, WireRequest, WireServer

HEALTH = f"{NUMBER_ID}?health_status"
SUBSCRIBED_APPS = f"{ACCOUNT_ID}/subscribed_apps"
SUBSCRIPTIONS = f"{APP_ID}/subscriptions"


@pytest.fixture
def meta() -> Iterator[MetaFake]:
    meta = MetaFake()
    yield meta
    meta.close()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as http:
        yield http


def asked(http: httpx.Client, meta: MetaFake, **changes: Any) -> Sequence[Finding]:
    options = MetaOptions(meta.url, NUMBER_ID, TOKEN, APP_SECRET, webhook_url=WEBHOOK)
    return list(MetaCheck(http, replace(options, **changes)).run())


def starts(text: str) -> str:
    """Return a text up to its first value."""
    return text.partition("{")[0]


def labels_of(findings: Sequence[Finding], text: str) -> set[str]:
    return {finding.label for finding in findings if finding.text.startswith(starts(text))}


def test_a_set_up_in_order_is_well_in_every_line(http: httpx.Client, meta: MetaFake) -> None:
    findings = asked(http, meta)
    assert {finding.label for finding in findings} == {texts.WELL}
    assert [finding.text for finding in findings] == [
        texts.ACCESS_WELL,
        texts.APP_KEY_WELL,
        texts.NUMBER_WELL.format(phone="+55 11 99999-0000", name="Loja"),
        texts.ACCOUNT_SUBSCRIBED.format(account=ACCOUNT_ID),
        texts.APP_SUBSCRIBED.format(url=WEBHOOK),
    ]


def changed(question: str, **changes: Any) -> dict[str, Any]:
    """Return an answer in order with other values, at its only level that has any."""
    answer = IN_ORDER[question]
    inner = answer.get("data", answer)
    if isinstance(inner, list):
        return {"data": [{**inner[0], **changes}]}
    return {"data": {**inner, **changes}} if "data" in answer else {**inner, **changes}


MANAGEMENT_ALONE = ["whatsapp_business_management"]
MESSAGING_ALONE = ["whatsapp_business_messaging"]
BLOCKED = {
    "entity_type": "BUSINESS",
    "id": "7",
    "can_send_message": "BLOCKED",
    "errors": [{"error_description": "Not verified.", "possible_solution": "Verify it."}],
}


@pytest.mark.parametrize(
    ("question", "answer", "label", "text"),
    [
        ("debug_token", None, texts.WRONG, texts.META_AWAY),
        ("debug_token", "<html>", texts.WRONG, texts.META_AWAY),
        ("debug_token", refused(190), texts.WRONG, texts.ACCESS_REFUSED),
        ("debug_token", changed("debug_token", is_valid=False), texts.WRONG, texts.ACCESS_REFUSED),
        ("debug_token", refused(100), texts.NOTE, texts.ACCESS_NOT_SHOWN),
        (
            "debug_token",
            changed("debug_token", expires_at=2_000_000_000),
            texts.NOTE,
            texts.ACCESS_EXPIRES,
        ),
        (
            "debug_token",
            changed("debug_token", scopes=MANAGEMENT_ALONE),
            texts.WRONG,
            texts.PERMISSION_MISSING,
        ),
        (
            "debug_token",
            changed("debug_token", scopes=MESSAGING_ALONE),
            texts.NOTE,
            texts.PERMISSION_MISSING,
        ),
        (
            "me",
            refused(100, "Invalid appsecret_proof provided in the API argument"),
            texts.WRONG,
            texts.APP_KEY_WRONG,
        ),
        (NUMBER_ID, refused(100, "does not exist"), texts.WRONG, texts.NUMBER_NOT_FOUND),
        (
            NUMBER_ID,
            changed(NUMBER_ID, status="PENDING"),
            texts.WRONG,
            texts.NUMBER_NOT_CONNECTED,
        ),
        (NUMBER_ID, changed(NUMBER_ID, quality_rating="RED"), texts.NOTE, texts.QUALITY),
        (NUMBER_ID, changed(NUMBER_ID, name_status="DECLINED"), texts.NOTE, texts.NAME_REFUSED),
        (HEALTH, {"health_status": {"entities": [BLOCKED]}}, texts.WRONG, texts.HEALTH),
        (
            HEALTH,
            {"health_status": {"entities": [{**BLOCKED, "can_send_message": "LIMITED"}]}},
            texts.NOTE,
            texts.HEALTH,
        ),
        (SUBSCRIBED_APPS, {"data": []}, texts.WRONG, texts.ACCOUNT_NOT_SUBSCRIBED),
        (SUBSCRIBED_APPS, refused(200), texts.WRONG, texts.META_REFUSED),
        (
            SUBSCRIBED_APPS,
            changed(SUBSCRIBED_APPS, override_callback_uri="https://old.example.com"),
            texts.WRONG,
            texts.DELIVERED_ELSEWHERE,
        ),
        (SUBSCRIPTIONS, refused(190), texts.WRONG, texts.APP_REFUSED),
        (SUBSCRIPTIONS, {"data": []}, texts.WRONG, texts.APP_NOT_SUBSCRIBED),
        (
            SUBSCRIPTIONS,
            changed(SUBSCRIPTIONS, active=False),
            texts.WRONG,
            texts.APP_NOT_SUBSCRIBED,
        ),
        (
            SUBSCRIPTIONS,
            changed(SUBSCRIPTIONS, fields=[{"name": "account_update"}]),
            texts.WRONG,
            texts.MESSAGES_NOT_SUBSCRIBED,
        ),
        (
            SUBSCRIPTIONS,
            changed(SUBSCRIPTIONS, callback_url="https://old.example.com"),
            texts.WRONG,
            texts.DELIVERED_ELSEWHERE,
        ),
    ],
)
def test_what_is_wrong_at_meta_is_said(
    http: httpx.Client, meta: MetaFake, question: str, answer: Any, label: str, text: str
) -> None:
    meta.answers[question] = answer
    assert labels_of(asked(http, meta), text) == {label}


def test_what_the_token_does_not_tell_is_found_out_otherwise_or_named(
    http: httpx.Client, meta: MetaFake
) -> None:
    meta.answers["debug_token"] = refused(100)
    assert labels_of(asked(http, meta), texts.APP_SUBSCRIBED) == {texts.WELL}
    meta.answers[HEALTH] = refused(100)
    findings = asked(http, meta)
    assert labels_of(findings, texts.ACCOUNT_UNKNOWN) == {texts.NOTE}
    assert labels_of(findings, texts.APP_UNKNOWN) == {texts.NOTE}
    assert labels_of(asked(http, meta, app_id=APP_ID), texts.APP_SUBSCRIBED) == {texts.WELL}


def test_a_version_of_the_graph_api_that_has_ended_is_noted(
    http: httpx.Client, meta: MetaFake
) -> None:
    meta.version = "v28.0"
    assert labels_of(asked(http, meta), texts.VERSION_ENDED) == {texts.NOTE}


@pytest.fixture
def bot(bots: BotsInside) -> BotInside:
    return bots(
        LLM_PROVIDER="offline",
        WHATSAPP_VERIFY_TOKEN="verify-token-of-the-test",
        WHATSAPP_APP_SECRET=APP_SECRET,
    )


def asked_webhook(http: httpx.Client, url: str, **changes: str) -> Sequence[Finding]:
    options = WebhookOptions(url, "verify-token-of-the-test", APP_SECRET)
    return list(WebhookCheck(http, replace(options, **changes)).run())


def test_the_bots_webhook_is_in_order(http: httpx.Client, bot: BotInside) -> None:
    findings = asked_webhook(http, f"{bot.url}/webhook/whatsapp")
    assert [finding.text for finding in findings] == [
        texts.NOT_HTTPS,
        texts.CHALLENGE_ECHOED,
        texts.SIGNATURE_WELL,
    ]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"verify_token": "another"}, texts.CHALLENGE_NOT_ECHOED),
        ({"app_secret": "another"}, texts.SIGNED_REFUSED),
    ],
)
def test_a_bot_with_other_secrets_is_told_from_ours(
    http: httpx.Client, bot: BotInside, changes: dict[str, str], text: str
) -> None:
    findings = asked_webhook(http, f"{bot.url}/webhook/whatsapp", **changes)
    assert labels_of(findings, text) == {texts.WRONG}


class Stranger(WireServer):
    """Something else than the bot: answers every request alike, or echoes any challenge."""

    status = 200

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        await exchange.respond(self.status, request.path.rpartition("hub.challenge=")[2].encode())


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    stranger = Stranger()
    yield stranger
    stranger.close()


def test_something_else_than_the_bot_is_recognised(http: httpx.Client, stranger: Stranger) -> None:
    findings = asked_webhook(http, stranger.url)
    assert labels_of(findings, texts.STRANGER_VERIFIED) == {texts.WRONG}
    assert labels_of(findings, texts.UNSIGNED_ACCEPTED) == {texts.WRONG}
    stranger.status = 502
    findings = asked_webhook(http, stranger.url)
    assert labels_of(findings, texts.CHALLENGE_NOT_ECHOED) == {texts.WRONG}
    assert labels_of(findings, texts.SIGNED_NOT_ACCEPTED) == {texts.WRONG}


def test_a_webhook_that_does_not_answer_is_said_once(http: httpx.Client) -> None:
    findings = asked_webhook(http, "https://127.0.0.1:9/webhook/whatsapp")
    assert [finding.label for finding in findings] == [texts.WRONG]
    assert labels_of(findings, texts.WEBHOOK_AWAY) == {texts.WRONG}


def test_the_script_says_what_is_missing_and_fails(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "scripts.check_whatsapp"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(BOT_FOLDER), "WHATSAPP_VERIFY_TOKEN": "v"},
        capture_output=True,
        timeout=60,
    )
    shown = finished.stdout.decode()
    assert finished.returncode == 1
    for name in ("PHONE_NUMBER_ID", "ACCESS_TOKEN", "APP_SECRET"):
        assert texts.SETTING_MISSING.format(name=f"WHATSAPP_{name}") in shown
    assert texts.SOMETHING_WRONG in shown


SETTINGS = {
    "WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID,
    "WHATSAPP_ACCESS_TOKEN": TOKEN,
    "WHATSAPP_APP_SECRET": APP_SECRET,
    "WHATSAPP_VERIFY_TOKEN": "verify-token-of-the-test",
}


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[object, str]:
    """Return the exit code and what was printed."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ending:
        check_whatsapp.main(arguments)
    return ending.value.code, capsys.readouterr().out


def test_with_the_stand_in_the_webhook_alone_is_asked(
    bot: BotInside, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHATSAPP_GRAPH_URL", "http://127.0.0.1:8190")
    code, shown = run(monkeypatch, capsys, "--url", f"{bot.url}/webhook/whatsapp/")
    assert code == 0, shown
    assert texts.STAND_IN.format(url="http://127.0.0.1:8190") in shown
    assert texts.SIGNATURE_WELL in shown
    assert texts.ALL_WELL in shown


def test_no_secret_is_printed_even_if_meta_repeats_it(
    meta: MetaFake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    meta.answers["debug_token"] = refused(190, f"Malformed access token {TOKEN}, {APP_SECRET}")
    # As at Meta: the check takes an address without TLS for the stand-in's.
    monkeypatch.setattr("scripts.check_whatsapp._is_stand_in", lambda url: False)
    monkeypatch.setenv("WHATSAPP_GRAPH_URL", meta.url)
    code, shown = run(monkeypatch, capsys)
    assert code == 1
    assert "Malformed access token …" in shown
    assert [secret for secret in SETTINGS.values() if secret in shown] == []
