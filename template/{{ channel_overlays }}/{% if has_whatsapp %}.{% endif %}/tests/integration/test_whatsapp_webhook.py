"""The webhook as Meta calls it: what it acknowledges, and what it refuses."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from app.core.service.whatsapp.texts import UNSUPPORTED_MESSAGE
from scripts.whatsapp_stand_in import (
    GraphStandIn,
    Payload,
    Sender,
    deliver,
    delivery_of,
    graph_stand_in,
    message_of,
    text_message,
)
from tests.support.bots import BotInside, BotsInside
from tests.support.waiting import eventually
from tests.support.whatsapp_channel import new_number
from tests.support.whatsapp_kinds import KINDS, OTHER_FIELDS, STATUSES, Expected

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "app-secret"
TOKEN = "verify-tökên"
LIMIT = 3 * 1024 * 1024 + 64 * 1024


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def graph() -> AsyncIterator[GraphStandIn]:
    async with graph_stand_in() as graph:
        yield graph


@pytest.fixture
def bot(bots: BotsInside, graph: GraphStandIn) -> BotInside:
    return bots(**settings(graph))


def settings(graph: GraphStandIn, **changes: str) -> dict[str, str]:
    return {
        "LLM_PROVIDER": "offline",
        "WHATSAPP_PHONE_NUMBER_ID": "1122334455667",
        "WHATSAPP_ACCESS_TOKEN": "EAAx",
        "WHATSAPP_VERIFY_TOKEN": TOKEN,
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_GRAPH_URL": graph.url,
        **changes,
    }


class Webhook:
    """The bot's webhook, as Meta reaches it."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self.http = http
        self.url = url

    async def verify(self, **changes: str | bytes | None) -> httpx.Response:
        challenge = {"mode": "subscribe", "verify_token": TOKEN, "challenge": "1158201444"}
        query = {f"hub.{n}": v for n, v in {**challenge, **changes}.items() if v is not None}
        return await self.http.get(f"{self.url}?{urlencode(query)}")

    async def post(self, body: bytes, signature: str | None) -> int:
        headers = {} if signature is None else {b"X-Hub-Signature-256": signature.encode()}
        return (await self.http.post(self.url, content=body, headers=headers)).status_code

    async def deliver(self, payload: Payload) -> httpx.Response:
        return await deliver(self.http, self.url, SECRET, payload)


@asynccontextmanager
async def webhook_of(bot: BotInside) -> AsyncIterator[Webhook]:
    async with httpx.AsyncClient(timeout=20) as http:
        yield Webhook(http, f"{bot.url}/webhook/whatsapp")


@pytest_asyncio.fixture(loop_scope="module")
async def webhook(bot: BotInside) -> AsyncIterator[Webhook]:
    async with webhook_of(bot) as webhook:
        yield webhook


def signature_of(body: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


async def test_the_challenge_is_echoed_to_whoever_knows_the_token(webhook: Webhook) -> None:
    response = await webhook.verify()
    assert (response.status_code, response.text) == (200, "1158201444")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changes",
    [
        {"verify_token": "wrong"},
        {"verify_token": ""},
        {"verify_token": b"\xed\xa0\xbd"},
        {"verify_token": None},
        {"mode": "unsubscribe"},
        {"mode": None},
        {"mode": "Subscribe"},
        {"challenge": None},
        {"challenge": ""},
        {"verify_token": TOKEN.upper()},
        {"verify_token": f" {TOKEN}"},
        {"verify_token": f"{TOKEN}\x00"},
        {"verify_token": TOKEN[:-1]},
    ],
)
async def test_the_challenge_is_echoed_to_nobody_else(
    webhook: Webhook, changes: dict[str, str | bytes | None]
) -> None:
    response = await webhook.verify(**changes)
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert "1158201444" not in response.text


async def test_a_token_that_stands_there_twice_is_none(webhook: Webhook) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": [TOKEN, "wrong"], "hub.challenge": "1"}
    for order in (1, -1):
        query["hub.verify_token"] = [TOKEN, "wrong"][::order]
        response = await webhook.http.get(f"{webhook.url}?{urlencode(query, doseq=True)}")
        assert response.status_code == 403


async def test_a_signed_delivery_is_acknowledged_and_answered(
    webhook: Webhook, graph: GraphStandIn
) -> None:
    person = Sender(new_number(), name="Cliente")
    payload = delivery_of([text_message(person, "Olá, é você? 👋")], [person])
    response = await webhook.deliver(payload)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert person.phone is not None
    await eventually(lambda: graph.texts_to(person.phone or "") != [])


async def test_raw_and_escaped_bodies_are_both_verified(webhook: Webhook) -> None:
    text = "日本語 é / 👋"
    payload = delivery_of([text_message(Sender(new_number()), text)])
    for ascii_only in (True, False):
        body = json.dumps(payload, ensure_ascii=ascii_only).encode()
        assert await webhook.post(body, signature_of(body)) == 200


async def test_whatever_meta_delivers_gets_what_it_deserves(
    webhook: Webhook, graph: GraphStandIn
) -> None:
    people = {kind.name: Sender(new_number(), f"BR.{new_number()}") for kind in KINDS}
    messages = [
        message_of(people[kind.name], {}, message_id=f"wamid.{new_number()}") | kind.content
        for kind in KINDS
    ]
    payload = delivery_of(messages, [*people.values()])
    payload["entry"][0]["changes"] += [
        *({"field": field, "value": value} for field, value in OTHER_FIELDS.items()),
        {"field": "messages", "value": {"statuses": [*STATUSES]}},
    ]
    expected = {kind.name: kind.expected for kind in KINDS}
    to_answer = [name for name in expected if expected[name] is not Expected.NOTHING]
    assert (await webhook.deliver(payload)).status_code == 200
    await eventually(lambda: all(graph.texts_to(people[n].phone or "") for n in to_answer))
    sent = {name: graph.texts_to(person.phone or "") for name, person in people.items()}
    got = {name: len(texts) for name, texts in sent.items()}
    assert got == {name: int(name in to_answer) for name in expected}
    polite = {name for name, texts in sent.items() if texts == [UNSUPPORTED_MESSAGE]}
    assert polite == {name for name in expected if expected[name] is Expected.SENTENCE}


EMPTY = b'{"entry": []}'


@pytest.mark.parametrize(
    ("body", "signature", "status"),
    [
        (EMPTY, signature_of(EMPTY), 200),
        (EMPTY, signature_of(EMPTY).upper().replace("SHA256", "sha256"), 200),
        (EMPTY, None, 403),
        (EMPTY, "", 403),
        (EMPTY, signature_of(EMPTY, "other"), 403),
        (EMPTY, signature_of(EMPTY)[7:], 403),
        (EMPTY, "sha1=" + signature_of(EMPTY)[7:], 403),
        (EMPTY, "sha256=" + "é" * 64, 403),
        (EMPTY, "sha256=", 403),
        (EMPTY + b" ", signature_of(EMPTY), 403),
        (EMPTY[:-1], signature_of(EMPTY), 403),
        (b"", signature_of(b""), 400),
        (b"{", signature_of(b"{"), 400),
        (b"[]", signature_of(b"[]"), 400),
        (b"\xff", signature_of(b"\xff"), 400),
        (b"9" * 5000, signature_of(b"9" * 5000), 400),
        (b"[" * 100_000, signature_of(b"[" * 100_000), 400),
    ],
)
async def test_what_is_refused(
    webhook: Webhook, body: bytes, signature: str | None, status: int
) -> None:
    assert await webhook.post(body, signature) == status


async def test_only_the_sha_256_header_counts(webhook: Webhook) -> None:
    good, bad = signature_of(EMPTY), signature_of(EMPTY, "other")
    old = "sha1=" + hmac.new(SECRET.encode(), EMPTY, "sha1").hexdigest()
    cases = [
        ([("X-Hub-Signature", old)], 403),
        ([("X-Hub-Signature", old), ("X-Hub-Signature-256", good)], 200),
        ([("X-Hub-Signature", "sha1=0"), ("x-hub-signature-256", good)], 200),
        ([("X-Hub-Signature", old), ("X-Hub-Signature-256", bad)], 403),
        ([("X-Hub-Signature-256", bad), ("X-Hub-Signature-256", good)], 403),
    ]
    for headers, status in cases:
        answer = await webhook.http.post(webhook.url, content=EMPTY, headers=headers)
        assert (headers, answer.status_code) == (headers, status)


async def test_three_megabytes_are_accepted_and_more_is_not(webhook: Webhook) -> None:
    padding = b'{"entry": [], "padding": "%s"}'
    largest = padding % (b"a" * (3 * 1024 * 1024))
    assert await webhook.post(largest, signature_of(largest)) == 200
    altered = largest[:-1] + b" "
    assert await webhook.post(altered, signature_of(largest)) == 403
    too_large = padding % (b"a" * LIMIT)
    assert await webhook.post(too_large, signature_of(too_large)) == 413

    async def unannounced() -> AsyncIterator[bytes]:
        for start in range(0, len(too_large), 65536):
            yield too_large[start : start + 65536]

    headers = {"X-Hub-Signature-256": signature_of(too_large)}
    response = await webhook.http.post(webhook.url, content=unannounced(), headers=headers)
    assert response.status_code == 413


async def test_what_cannot_be_recorded_is_not_acknowledged(
    bot: BotInside, webhook: Webhook, graph: GraphStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Sender(new_number())
    payload: Payload = delivery_of([text_message(person, "Olá")])
    with monkeypatch.context() as away:
        away.setattr(bot.container.gateways.dynamodb_client(), "_table", "no-such-table")
        assert (await webhook.deliver(payload)).status_code == 503
    assert (await webhook.deliver(payload)).status_code == 200
    await eventually(lambda: len(graph.texts_to(person.phone or "")) == 1)


async def test_without_its_secrets_the_webhook_trusts_nobody(
    bots: BotsInside, graph: GraphStandIn
) -> None:
    bot = bots(**settings(graph, WHATSAPP_APP_SECRET="", WHATSAPP_VERIFY_TOKEN=""))
    async with webhook_of(bot) as webhook:
        assert await webhook.post(EMPTY, signature_of(EMPTY, "")) == 403
        assert await webhook.post(EMPTY, None) == 403
        for token in ("", TOKEN):
            assert (await webhook.verify(verify_token=token)).status_code == 403
