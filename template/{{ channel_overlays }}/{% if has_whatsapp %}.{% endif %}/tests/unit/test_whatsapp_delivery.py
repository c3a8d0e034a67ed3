"""Deliveries in the shapes that Meta documents, and in shapes that nobody does."""

import json
import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dto.whatsapp import (
    Correction,
    IdentityChange,
    InboundMessage,
    MessageKind,
    Reaction,
    SenderIdentity,
    WebhookDelivery,
)
from domain.dto.whatsapp_delivery import read_delivery
from domain.exceptions.whatsapp import InvalidDelivery

PHONE = "5511999990000"
USER_ID = "BR.13491208655302741918"
LONG_ID = f"BR.{'1' * 200}"
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
LISTS = json.dumps(
    {
        "topics": ["preço", "prazo", ["nested"]],
        "accept": True,
        "address": {"street": "Rua A", "number": 10, "more": {"deep": 1}},
        "empty": None,
    }
)
FORM = json.dumps({"comment": "Muito bom", "rating": 4, "flow_token": "AQAAAAACS5FpgQ"})


@pytest.mark.parametrize(
    ("content", "kind", "asked"),
    [
        ({"type": "text", "text": {"body": "Olá, tudo bem?"}}, QUESTION, "Olá, tudo bem?"),
        ({"type": "text", "text": {"body": "  /reset \n"}}, QUESTION, "/reset"),
        ({"type": "text", "text": {"body": "Oi"}, "referral": {"ctwa_clid": "X"}}, QUESTION, "Oi"),
        ({"type": "text", "text": {"body": "Oi"}, "context": {"forwarded": True}}, QUESTION, "Oi"),
        ({"text": {"body": "Sem tipo"}}, QUESTION, "Sem tipo"),
        ({"type": "text", "text": {"body": "Oi"}, "group_id": None}, QUESTION, "Oi"),
        ({"type": "text", "text": {"body": "Oi"}, "group_id": ""}, QUESTION, "Oi"),
        ({"type": "text", "text": {"body": "Oi"}, "context": {"id": "wamid.B"}}, QUESTION, "Oi"),
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
        (
            {"interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": LISTS}}},
            QUESTION,
            "topics: preço, prazo\naccept: true\naddress.street: Rua A\naddress.number: 10",
        ),
        (
            {"interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": {"a": ["b"]}}}},
            QUESTION,
            "a: b",
        ),
        (
            {
                "interactive": {
                    "type": "nfm_reply",
                    "nfm_reply": {"response_json": "null", "body": "Sent"},
                }
            },
            QUESTION,
            "Sent",
        ),
        (
            {"interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": '["a"]'}}},
            UNSUPPORTED,
            "",
        ),
        ({"interactive": {"type": "a_reply_of_next_year"}}, UNSUPPORTED, ""),
        ({"interactive": {"type": []}}, UNSUPPORTED, ""),
        ({"interactive": {"type": {}}}, UNSUPPORTED, ""),
        ({"type": "interactive"}, UNSUPPORTED, ""),
        ({"type": "text", "text": {"body": "  "}}, UNSUPPORTED, ""),
        ({"type": "text"}, UNSUPPORTED, ""),
        ({"type": "image", "image": {**MEDIA, "caption": "Olha"}}, QUESTION, "📷 Olha"),
        ({"type": "image", "image": {**MEDIA, "caption": " "}}, UNSUPPORTED, ""),
        ({"type": "image", "image": "broken"}, UNSUPPORTED, ""),
        ({"type": "video", "video": {**MEDIA, "caption": "Olha"}}, QUESTION, "🎥 Olha"),
        ({"type": "document", "document": {**MEDIA, "caption": "Olha"}}, QUESTION, "📄 Olha"),
        ({"type": "audio", "audio": {**MEDIA, "voice": True}}, UNSUPPORTED, ""),
        ({"type": "video", "video": MEDIA}, UNSUPPORTED, ""),
        ({"type": "document", "document": {**MEDIA, "filename": "a.pdf"}}, UNSUPPORTED, ""),
        ({"type": "sticker", "sticker": {**MEDIA, "animated": False}}, UNSUPPORTED, ""),
        ({"type": "location", "location": {"latitude": 1.5, "longitude": 2}}, UNSUPPORTED, ""),
        ({"type": "contacts", "contacts": [{"name": {"first_name": "A"}}]}, UNSUPPORTED, ""),
        ({"type": "order", "order": {"catalog_id": "1", "product_items": []}}, UNSUPPORTED, ""),
        ({"type": "order", "order": {"text": "Para hoje?"}}, QUESTION, "🛒 Para hoje?"),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, UNSUPPORTED, ""),
        ({"type": "unsupported", "unsupported": {"type": "poll_creation"}}, UNSUPPORTED, ""),
        ({"type": "unsupported", "unsupported": {"type": ["edit"]}}, UNSUPPORTED, ""),
        ({"type": "unknown", "errors": [{"code": 131051}]}, UNSUPPORTED, ""),
        ({"type": "ephemeral"}, UNSUPPORTED, ""),
        ({"type": ["text"]}, UNSUPPORTED, ""),
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


@pytest.mark.parametrize(
    "value",
    [
        value_of(message(type="reaction", reaction={"message_id": "wamid.B", "emoji": "😮"})),
        value_of(message(type="reaction", reaction={"message_id": "wamid.B"})),
        value_of(message(type="reaction", reaction={"message_id": "wamid.B", "emoji": ""})),
        value_of(message(type="system", system={"type": "user_changed_number", "wa_id": "1"})),
        value_of(message(type="system", system={"type": "customer_identity_changed"})),
        value_of(message(type="system", system={"type": ["user_changed_number"]})),
        value_of(
            message(type="unsupported", unsupported={"type": "edit"}, errors=[{"code": 131051}])
        ),
        value_of(message(type="unsupported", unsupported={"type": "revoke"})),
        value_of({"type": "system", "system": {"type": "user_changed_user_id"}, "id": "wamid.A"}),
        value_of(message(type="edit", edit={"message": {"type": "text", "text": {"body": "b"}}})),
        value_of(message(type="revoke", revoke={"original_message_id": "wamid.B"})),
        value_of(message(type="request_welcome")),
        value_of(
            message(type="interactive", interactive={"type": "call_permission_reply"}),
        ),
        value_of(text("Oi", group_id="Y2FwaV9ncm91cDo")),
        value_of({**text("Oi"), "from": "15550000000"}),
        value_of({**text("Oi"), "from": "+15550000000"}),
        {**value_of(text("Oi")), "metadata": {"display_phone_number": "+55 11 99999-0000"}},
        {**value_of(text("Oi")), "metadata": {"display_phone_number": "+55 11 9999-0000"}},
        {"statuses": [{"id": "wamid.B", "status": "read", "recipient_id": PHONE}]},
        {"statuses": [{"id": "wamid.B", "status": "sent", "recipient_user_id": USER_ID}]},
    ],
)
def test_what_never_gets_a_reply_is_silent(value: dict[str, object]) -> None:
    delivery = read(change(value))
    assert delivery.messages == ()
    assert (delivery.silent, delivery.dropped) == (1, 0)


@pytest.mark.parametrize(
    ("fields", "emoji"),
    [
        ({"message_id": "wamid.B", "emoji": "👍🏽"}, "👍🏽"),
        ({"message_id": "wamid.B", "emoji": ""}, ""),
        ({"message_id": "wamid.B"}, ""),
        ({"message_id": "wamid.B", "emoji": 5}, ""),
        ({"emoji": "👍"}, None),
        (None, None),
    ],
)
def test_a_reaction_says_to_which_message_it_is(fields: object, emoji: str | None) -> None:
    reaction = message(type="reaction", reaction=fields)
    of_others = [{**reaction, "group_id": "Y2FwaV9ncm91cDo"}, {**reaction, "from": "15550000000"}]
    sender = SenderIdentity(PHONE, USER_ID)
    found = () if emoji is None else (Reaction("wamid.B", sender, emoji, 1697043223),)
    assert read(change(value_of(reaction, *of_others))).reactions == found


@pytest.mark.parametrize(
    "field",
    [
        "smb_message_echoes",
        "message_echoes",
        "history",
        "calls",
        "account_update",
        "user_preferences",
        "smb_app_state_sync",
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "automatic_events",
        "business_capability_update",
        "business_status_update",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "messaging_handovers",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "standby",
        "template_category_update",
        "template_correct_category_detection",
        "tracking_events",
        "user_id_update",
        "a_field_of_next_year",
    ],
)
def test_other_fields_of_the_webhook_are_silent(field: str) -> None:
    delivery = read(change({**value_of(text("Oi")), "message_echoes": [text("Oi")]}, field))
    assert (delivery.messages, delivery.silent) == ((), 1)


@pytest.mark.parametrize("field", [{}, {"field": None}, {"field": ""}], ids=str)
def test_a_change_without_its_field_is_read(field: dict[str, object]) -> None:
    assert only(read({"value": value_of(text("Oi")), **field})).text == "Oi"


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "played", "deleted", "failed"])
def test_what_became_of_a_reply_is_silent(status: str) -> None:
    delivery = read(change({"statuses": [{"id": "wamid.B", "status": status}]}))
    assert (delivery.messages, delivery.silent) == ((), 1)


@pytest.mark.parametrize(
    ("fields", "contacts", "sender"),
    [
        ({"from": PHONE}, [CONTACT], SenderIdentity(PHONE, USER_ID)),
        ({"from": "551199990000"}, [], SenderIdentity("551199990000")),
        ({"from": PHONE}, [{"wa_id": PHONE}], SenderIdentity(PHONE)),
        ({"from": PHONE}, [{"wa_id": PHONE, "profile": None}], SenderIdentity(PHONE)),
        ({"from_user_id": USER_ID}, [], SenderIdentity(None, USER_ID)),
        ({"from_user_id": USER_ID}, [CONTACT], SenderIdentity(PHONE, USER_ID)),
        ({"from": USER_ID}, [], SenderIdentity(None, USER_ID)),
        ({"from": "US.ENT.118157992"}, [], SenderIdentity(None, "US.ENT.118157992")),
        ({}, [CONTACT], SenderIdentity(PHONE, USER_ID)),
        ({}, [{"user_id": USER_ID}], SenderIdentity(None, USER_ID)),
        (
            {"from": PHONE},
            [{"wa_id": "5521", "user_id": "BR.2"}, CONTACT],
            SenderIdentity(PHONE, USER_ID),
        ),
        # What Meta sends of Brazil, Argentina and Mexico is nobody's to correct.
        ({"from": "551199990000"}, [{"wa_id": "5511999990000"}], SenderIdentity("551199990000")),
        ({"from": "5491155550000"}, [{"wa_id": "5491155550000"}], SenderIdentity("5491155550000")),
        ({"from": "5215555550000"}, [{"wa_id": "525555550000"}], SenderIdentity("5215555550000")),
        (
            {"from": f"+{PHONE}"},
            [CONTACT],
            SenderIdentity(f"+{PHONE}", USER_ID),
        ),
        (
            {"from_user_id": USER_ID},
            [{"wa_id": "", "user_id": USER_ID}],
            SenderIdentity(None, USER_ID),
        ),
        ({"from": LONG_ID}, [], SenderIdentity(None, LONG_ID)),
        ({"from": "BR.a_b-c"}, [], SenderIdentity(None, "BR.a_b-c")),
        # A contact with another number says nothing of this sender.
        ({"from": PHONE}, [{"wa_id": "5521", "user_id": "BR.2"}], SenderIdentity(PHONE)),
        (
            {"from": PHONE, "from_user_id": USER_ID},
            [{"wa_id": PHONE, "user_id": "BR.2", "profile": {"name": "Outra"}}],
            SenderIdentity(PHONE, USER_ID),
        ),
    ],
)
def test_who_the_sender_is(
    fields: dict[str, object], contacts: object, sender: SenderIdentity
) -> None:
    raw = {"id": "wamid.A", "type": "text", "text": {"body": "Oi"}, **fields}
    assert only(read(change(value_of(raw, contacts=contacts)))).sender == sender


def test_a_message_that_names_nobody_is_the_only_contacts_if_it_is_the_only_message() -> None:
    nameless = {"id": "wamid.A", "type": "text", "text": {"body": "Oi"}}
    assert read(change(value_of(nameless))).dropped == 0
    assert read(change(value_of(nameless, text("Oi", id="wamid.B")))).dropped == 1


@pytest.mark.parametrize(
    ("event", "before", "after"),
    [
        (
            {"from": PHONE, "system": {"type": "user_changed_number", "wa_id": "5521"}},
            (PHONE,),
            SenderIdentity("5521"),
        ),
        (
            {"from": PHONE, "system": {"type": "customer_changed_number", "new_wa_id": "5521"}},
            (PHONE,),
            SenderIdentity("5521"),
        ),
        (
            {
                "from_user_id": USER_ID,
                "system": {"type": "user_changed_user_id", "user_id": "BR.2", "wa_id": "5521"},
            },
            (USER_ID,),
            SenderIdentity("5521", "BR.2"),
        ),
        (
            {
                "system": {
                    "type": "user_changed_user_id",
                    "body": f"User Ana BR.9 changed from {USER_ID} to BR.2",
                    "user_id": "BR.2",
                },
            },
            (USER_ID,),
            SenderIdentity(None, "BR.2"),
        ),
    ],
)
def test_who_someone_is_from_now_on_is_read(
    event: dict[str, object], before: tuple[str, ...], after: SenderIdentity
) -> None:
    delivery = read(change(value_of({"id": "wamid.A", "type": "system", **event})))
    assert delivery.identity_changes == (IdentityChange(before, after),)
    assert (delivery.messages, delivery.silent) == ((), 1)


@pytest.mark.parametrize(
    ("content", "corrections"),
    [
        (
            {
                "type": "edit",
                "edit": {
                    "original_message_id": "wamid.B",
                    "message": {"type": "text", "text": {"body": " Agora "}},
                },
            },
            (Correction("wamid.B", "Agora"),),
        ),
        (
            {"type": "revoke", "revoke": {"original_message_id": "wamid.B"}},
            (Correction("wamid.B", None),),
        ),
        ({"type": "revoke", "revoke": {"original_message_id": 7}}, ()),
        ({"type": "edit", "edit": {"original_message_id": "wamid.B"}}, ()),
        ({"type": "edit", "edit": None}, ()),
    ],
    ids=str,
)
def test_what_becomes_of_an_earlier_message_is_read(
    content: dict[str, object], corrections: tuple[Correction, ...]
) -> None:
    delivery = read(change(value_of(message(**content))))
    assert delivery.corrections == corrections
    assert (delivery.messages, delivery.silent, delivery.dropped) == ((), 1, 0)


@pytest.mark.parametrize(
    "system",
    [
        {"type": "user_changed_number", "wa_id": PHONE},
        {"type": "user_changed_number"},
        {"type": "user_changed_number", "wa_id": ["5521"]},
        {"type": "customer_identity_changed", "wa_id": "5521"},
        {"type": {}, "wa_id": "5521"},
        # Somebody calls themselves "Ana changed from BR.9 to BR.2".
        {"type": "user_changed_user_id", "body": "User Ana changed from BR.9 to BR.2 changed"},
    ],
    ids=str,
)
def test_an_event_that_does_not_tell_who_became_whom_changes_nobody(
    system: dict[str, object],
) -> None:
    event = {"from": PHONE, "id": "wamid.A", "type": "system", "system": system}
    assert read(change(value_of(event))).identity_changes == ()


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


def test_half_a_character_becomes_the_sign_for_one_that_is_unknown() -> None:
    raw = json.dumps({"entry": [{"changes": [change(value_of(text("oi \ud83d!")))]}]})
    assert "\\ud83d" in raw
    assert only(read_delivery(raw.encode())).text == "oi \ufffd!"


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


def test_a_thousand_contacts_cost_no_more_than_their_number() -> None:
    numbers = [f"55119{n:08d}" for n in range(3000)]
    contacts = tuple({"wa_id": number, "user_id": f"BR.{number}"} for number in numbers)
    value = value_of(*(text("Oi", **{"from": n}) for n in numbers), contacts=contacts)
    started_at = time.process_time()
    delivery = read(change(value))
    # All with all would take seconds.
    assert time.process_time() - started_at < 1
    assert {m.sender.business_scoped_id for m in delivery.messages} == {f"BR.{n}" for n in numbers}


JUNK: tuple[object, ...] = (
    *(None, True, 0, -1, 1.5, "", " ", "\ud83d", "\x00", "x" * 300),
    *([], [[]], {}, {"type": []}, [{}]),
)
CONTENTS: tuple[dict[str, object], ...] = (
    {"type": "text", "text": {"body": "Oi"}},
    {"type": "image", "image": {**MEDIA, "caption": "Olha"}},
    {"type": "order", "order": {"text": "Oi", "product_items": []}},
    {"type": "button", "button": {"payload": "p", "text": "Sim"}},
    {
        "type": "interactive",
        "interactive": {"type": "button_reply", "button_reply": {"title": "a"}},
    },
    {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}}},
    {"type": "interactive", "interactive": {"type": "call_permission_reply"}},
    {"type": "unsupported", "unsupported": {"type": "edit"}, "errors": [{"code": 131051}]},
    {"type": "reaction", "reaction": {"message_id": "wamid.B", "emoji": "👍"}},
    {"type": "system", "system": {"type": "user_changed_number", "wa_id": "5521", "body": "b"}},
)
STATUS = {"id": "wamid.S", "status": "failed", "errors": [{"code": 131047}]}


def places_in(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything within the value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in parts:
            yield from places_in(part, (*path, name))


@given(st.data())
def test_one_broken_place_spoils_nothing_next_to_it(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(CONTENTS))
    broken = message(**deepcopy(content), from_user_id=USER_ID, group_id=None, id="wamid.broken")
    path = data.draw(st.sampled_from([*places_in(broken)]))
    place: Any = broken
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = data.draw(st.sampled_from(JUNK))
    neighbours = [text("a", id="wamid.1"), broken, text("b", id="wamid.2")]
    delivery = read(change({**value_of(*neighbours), "statuses": [STATUS]}))
    known = [m.text for m in delivery.messages if m.message_id in ("wamid.1", "wamid.2")]
    assert known == ["a", "b"]
    assert [f.message_id for f in delivery.failed_deliveries] == ["wamid.S"]
    assert delivery.broken == ()


@given(st.data())
def test_one_broken_place_anywhere_is_no_error(data: st.DataObject) -> None:
    contents = data.draw(st.lists(st.sampled_from(CONTENTS), min_size=1, max_size=2))
    value = {**value_of(*(message(**content) for content in contents)), "statuses": [STATUS]}
    body: Any = json.loads(json.dumps({"entry": [{"id": "1", "changes": [change(value)]}]}))
    path = data.draw(st.sampled_from([*places_in(body)]))
    place = body
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = data.draw(st.sampled_from(JUNK))
    assert read_delivery(json.dumps(body).encode()).broken == ()


NAMES = (
    *("entry", "changes", "value", "field", "messages", "contacts", "statuses", "metadata"),
    *("from", "id", "type", "text", "body", "interactive", "nfm_reply", "wa_id", "errors"),
)
KINDS = ("text", "interactive", "image", "order", "system", "unsupported", "messages", "failed")

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(KINDS),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), children, max_size=4)
    ),
    max_leaves=25,
)


@given(json_values)
def test_no_json_at_all_breaks_the_reading(value: object) -> None:
    for entry in ([{"changes": [{"value": value}]}, value], value):
        assert read_delivery(json.dumps({"entry": entry}).encode()).broken == ()
