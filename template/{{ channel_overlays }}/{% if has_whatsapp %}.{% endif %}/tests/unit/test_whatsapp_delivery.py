"""Deliveries in the shapes that Meta documents, and in shapes that nobody does."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dto.whatsapp import InboundMessage, MessageKind, SenderIdentity, WebhookDelivery
from domain.dto.whatsapp_delivery import read_delivery
from domain.exceptions.whatsapp import InvalidDelivery

PHONE = "5511999990000"
USER_ID = "BR.13491208655302741918"
CONTACT = {"profile": {"name": "Cliente"}, "wa_id": PHONE, "user_id": USER_ID}

QUESTION = MessageKind.QUESTION
UNSUPPORTED = MessageKind.UNSUPPORTED


def change(value: object, field: str = "messages") -> dict[str, object]:
    return {"field": field, "value": value}


def read(*changes: object) -> WebhookDelivery:
    entry = {"id": "1234567890987654321", "changes": list(changes)}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    return read_delivery(json.dumps(body).encode())


def value_of(*messages: object, contacts: object = (CONTACT,)) -> dict[str, object]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550000000", "phone_number_id": "1122334455667"},
        "contacts": list(contacts) if isinstance(contacts, tuple) else contacts,
        "messages": list(messages),
    }


def message(**fields: Any) -> dict[str, object]:
    return {"from": PHONE, "id": "wamid.A", "timestamp": "1697043223", **fields}


def text(body: object, **fields: Any) -> dict[str, object]:
    return message(type="text", text={"body": body}, **fields)


def only(delivery: WebhookDelivery) -> InboundMessage:
    assert len(delivery.messages) == 1
    return delivery.messages[0]


MEDIA = {"id": "65463453", "mime_type": "image/jpeg", "sha256": "4654+8g="}
FORM = json.dumps({"comment": "Muito bom", "rating": 4, "flow_token": "AQAAAAACS5FpgQ"})


@pytest.mark.parametrize(
    ("content", "kind", "asked"),
    [
        ({"type": "text", "text": {"body": "Olá, tudo bem?"}}, QUESTION, "Olá, tudo bem?"),
        ({"type": "text", "text": {"body": "  /reset \n"}}, QUESTION, "/reset"),
        ({"type": "text", "text": {"body": "Oi"}, "referral": {"ctwa_clid": "X"}}, QUESTION, "Oi"),
        ({"type": "text", "text": {"body": "Oi"}, "context": {"forwarded": True}}, QUESTION, "Oi"),
        ({"type": "button", "button": {"payload": "p", "text": "Sim"}}, QUESTION, "Sim"),
        ({"type": "button", "button": {"payload": "p"}}, QUESTION, "p"),
        (
            {"interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Sim"}}},
            QUESTION,
            "Sim",
        ),
        (
            {"interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Plano B"}}},
            QUESTION,
            "Plano B",
        ),
        (
            {"interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": FORM}}},
            QUESTION,
            "comment: Muito bom\nrating: 4",
        ),
        (
            {
                "interactive": {
                    "type": "nfm_reply",
                    "nfm_reply": {"response_json": "{", "body": "Sent"},
                }
            },
            QUESTION,
            "Sent",
        ),
        ({"type": "interactive"}, UNSUPPORTED, ""),
        ({"type": "text", "text": {"body": "  "}}, UNSUPPORTED, ""),
        ({"type": "text"}, UNSUPPORTED, ""),
        ({"type": "image", "image": {**MEDIA, "caption": "Olha"}}, UNSUPPORTED, ""),
        ({"type": "audio", "audio": {**MEDIA, "voice": True}}, UNSUPPORTED, ""),
        ({"type": "video", "video": MEDIA}, UNSUPPORTED, ""),
        ({"type": "document", "document": {**MEDIA, "filename": "a.pdf"}}, UNSUPPORTED, ""),
        ({"type": "sticker", "sticker": {**MEDIA, "animated": False}}, UNSUPPORTED, ""),
        ({"type": "location", "location": {"latitude": 1.5, "longitude": 2}}, UNSUPPORTED, ""),
        ({"type": "contacts", "contacts": [{"name": {"first_name": "A"}}]}, UNSUPPORTED, ""),
        ({"type": "order", "order": {"catalog_id": "1", "product_items": []}}, UNSUPPORTED, ""),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, UNSUPPORTED, ""),
        ({"type": "a_kind_of_next_year"}, UNSUPPORTED, ""),
        ({"type": None}, UNSUPPORTED, ""),
    ],
)
def test_what_a_message_asks(content: dict[str, Any], kind: MessageKind, asked: str) -> None:
    if "interactive" in content:
        content = {"type": "interactive", **content}
    found = only(read(change(value_of(message(**content)))))
    assert (found.kind, found.text) == (kind, asked)
    assert found.message_id == "wamid.A"
    assert found.sender == SenderIdentity(PHONE, USER_ID)
    assert found.sent_at == 1697043223
    assert found.profile_name == "Cliente"


@pytest.mark.parametrize(
    "value",
    [
        value_of(message(type="reaction", reaction={"message_id": "wamid.B", "emoji": "😮"})),
        value_of(message(type="reaction", reaction={"message_id": "wamid.B"})),
        value_of(message(type="system", system={"type": "user_changed_number", "wa_id": "1"})),
        value_of({"type": "system", "system": {"type": "user_changed_user_id"}, "id": "wamid.A"}),
        value_of(message(type="edit", edit={"message": {"type": "text", "text": {"body": "b"}}})),
        value_of(message(type="revoke", revoke={"original_message_id": "wamid.B"})),
        value_of(message(type="request_welcome")),
        value_of(
            message(type="interactive", interactive={"type": "call_permission_reply"}),
        ),
        value_of(text("Oi", group_id="Y2FwaV9ncm91cDo")),
        value_of({**text("Oi"), "from": "15550000000"}),
        {"statuses": [{"id": "wamid.B", "status": "read", "recipient_id": PHONE}]},
        {"statuses": [{"id": "wamid.B", "status": "sent", "recipient_user_id": USER_ID}]},
    ],
)
def test_what_never_gets_a_reply_is_silent(value: dict[str, object]) -> None:
    delivery = read(change(value))
    assert delivery.messages == ()
    assert (delivery.silent, delivery.dropped) == (1, 0)


@pytest.mark.parametrize(
    "field",
    [
        "smb_message_echoes",
        "message_echoes",
        "history",
        "calls",
        "account_update",
        "user_preferences",
    ],
)
def test_other_fields_of_the_webhook_are_silent(field: str) -> None:
    delivery = read(change({**value_of(text("Oi")), "message_echoes": [text("Oi")]}, field))
    assert (delivery.messages, delivery.silent) == ((), 1)


def test_a_change_without_its_field_is_read() -> None:
    assert only(read({"value": value_of(text("Oi"))})).text == "Oi"


@pytest.mark.parametrize(
    ("fields", "contacts", "sender", "name"),
    [
        ({"from": PHONE}, [CONTACT], SenderIdentity(PHONE, USER_ID), "Cliente"),
        ({"from": "551199990000"}, [], SenderIdentity("551199990000"), None),
        ({"from": PHONE}, [{"wa_id": PHONE}], SenderIdentity(PHONE), None),
        ({"from": PHONE}, [{"wa_id": PHONE, "profile": None}], SenderIdentity(PHONE), None),
        ({"from_user_id": USER_ID}, [], SenderIdentity(None, USER_ID), None),
        ({"from_user_id": USER_ID}, [CONTACT], SenderIdentity(PHONE, USER_ID), "Cliente"),
        ({"from": USER_ID}, [], SenderIdentity(None, USER_ID), None),
        ({"from": "US.ENT.118157992"}, [], SenderIdentity(None, "US.ENT.118157992"), None),
        ({}, [CONTACT], SenderIdentity(PHONE, USER_ID), "Cliente"),
        ({}, [{"user_id": USER_ID}], SenderIdentity(None, USER_ID), None),
        (
            {"from": PHONE},
            [{"wa_id": "5521", "user_id": "BR.2"}, CONTACT],
            SenderIdentity(PHONE, USER_ID),
            "Cliente",
        ),
        # A contact with another number says nothing of this sender.
        ({"from": PHONE}, [{"wa_id": "5521", "user_id": "BR.2"}], SenderIdentity(PHONE), None),
        (
            {"from": PHONE, "from_user_id": USER_ID},
            [{"wa_id": PHONE, "user_id": "BR.2", "profile": {"name": "Outra"}}],
            SenderIdentity(PHONE, USER_ID),
            None,
        ),
    ],
)
def test_who_the_sender_is(
    fields: dict[str, object], contacts: object, sender: SenderIdentity, name: str | None
) -> None:
    raw = {"id": "wamid.A", "type": "text", "text": {"body": "Oi"}, **fields}
    found = only(read(change(value_of(raw, contacts=contacts))))
    assert (found.sender, found.profile_name) == (sender, name)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "text",
        [],
        42,
        {},
        {"type": "text"},
        text("Oi", id=None),
        text("Oi", id=""),
        text("Oi", id=7),
        text("Oi", id="w" * 257),
        text("Oi", id="wamid.\ud83d"),
        {"id": "wamid.B", "type": "text", "text": {"body": "Oi"}},
        {**text("Oi"), "from": "\x00"},
    ],
)
def test_a_broken_message_spoils_nothing_next_to_it(broken: object) -> None:
    neighbours = [text("a", id="wamid.1"), broken, text("b", id="wamid.2")]
    delivery = read(change(value_of(*neighbours, contacts=[])))
    assert [m.message_id for m in delivery.messages] == ["wamid.1", "wamid.2"]
    assert delivery.dropped == 1


def test_every_entry_change_and_message_is_walked_in_order() -> None:
    changes = [
        change(value_of(text("a", id="wamid.1"), text("b", id="wamid.2"))),
        "broken",
        change(None),
        change(value_of(text("c", id="wamid.3"), contacts="broken")),
    ]
    entries = [{"changes": changes}, 7, {"changes": None}, {"changes": [changes[0]]}]
    delivery = read_delivery(json.dumps({"entry": entries}).encode())
    assert [m.text for m in delivery.messages] == ["a", "b", "c", "a", "b"]


@pytest.mark.parametrize(
    ("timestamp", "sent_at"),
    [
        ("1697043223", 1697043223),
        (1697043223, 1697043223),
        ("", None),
        (None, None),
        ("-5", None),
        ("yesterday", None),
        ("9" * 40, None),
        (1.5, None),
    ],
)
def test_a_time_that_is_none_of_metas_is_left_out(timestamp: object, sent_at: int | None) -> None:
    assert only(read(change(value_of(text("Oi", timestamp=timestamp))))).sent_at == sent_at


def test_half_a_character_becomes_a_question_mark() -> None:
    raw = json.dumps({"entry": [{"changes": [change(value_of(text("oi \ud83d!")))]}]})
    assert "\\ud83d" in raw
    assert only(read_delivery(raw.encode())).text == "oi ?!"


def test_an_endless_text_is_cut() -> None:
    assert len(only(read(change(value_of(text("a" * 1_000_000))))).text) == 32_768


def test_a_reply_that_meta_could_not_deliver_is_reported() -> None:
    failed = {"id": "wamid.B", "status": "failed", "errors": [{"code": 131047}]}
    strange = {"id": "wamid.C", "status": "failed", "errors": "?"}
    delivery = read(change({"statuses": [failed, strange, {"status": "failed"}]}))
    assert [(f.message_id, f.code) for f in delivery.failed_deliveries] == [
        ("wamid.B", 131047),
        ("wamid.C", 0),
    ]


def test_the_numbers_that_were_written_to_are_known() -> None:
    assert read(change(value_of(text("Oi")))).receivers == {"1122334455667"}
    assert read(change(value_of())).receivers == frozenset()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\xfd",
        b'{"entry": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"[]",
        b"null",
        b'"entry"',
        b"1",
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidDelivery):
        read_delivery(body)


NAMES = (
    *("entry", "changes", "value", "field", "messages", "contacts", "statuses", "metadata"),
    *("from", "id", "type", "text", "body", "interactive", "nfm_reply", "wa_id", "errors"),
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), children, max_size=4)
    ),
    max_leaves=25,
)


@given(json_values)
def test_no_json_at_all_breaks_the_reading(value: object) -> None:
    read_delivery(json.dumps({"entry": [{"changes": [{"value": value}]}, value]}).encode())
    read_delivery(json.dumps({"entry": value}).encode())
