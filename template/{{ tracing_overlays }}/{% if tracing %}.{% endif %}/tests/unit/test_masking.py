import time

import pytest

from infra.tracing.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ana.silva+bot@mail.example.com.br!", "write to <email>!"),
        ("CPF 123.456.789-09, please", "CPF <document>, please"),
        ("CPF 12345678909", "CPF <document>"),
        ("CNPJ 12.345.678/0001-95", "CNPJ <document>"),
        ("CNPJ 12345678000195", "CNPJ <document>"),
        ("CNPJ 12.ABC.345/01DE-35", "CNPJ <document>"),
        ("card 4111 1111 1111 1111 exp 12/30", "card <card> exp 12/30"),
        ("card 4111111111111111", "card <card>"),
        ("card 4111-1111-1111-1111.", "card <card>."),
        ("call +55 11 98765-4321 now", "call <phone> now"),
        ("call +55 (11) 98765-4321", "call <phone>"),
        ("call +5511987654321", "call <phone>"),
        ("call 55 11 98765 4321", "call <phone>"),
        ("call (11) 98765-4321", "call <phone>"),
        ("call (11)98765-4321", "call <phone>"),
        ("call 11 98765-4321", "call <phone>"),
        ("call 11 9 8765-4321", "call <phone>"),
        ("call 11 3333-4444", "call <phone>"),
        ("call (11) 3333-4444", "call <phone>"),
        ("call 98765-4321", "call <phone>"),
        ("call +1 (415) 555-2671", "call <phone>"),
        ("call (415) 555-2671", "call <phone>"),
        ("call 415-555-2671", "call <phone>"),
        ("call +351 912 345 678", "call <phone>"),
        ("both: ana@x.org and (11) 98765-4321", "both: <email> and <phone>"),
    ],
)
def test_personal_data_is_replaced_by_its_kind(text: str, masked: str) -> None:
    assert mask(data=text) == masked


def test_a_phone_number_is_gone_however_it_is_written_together() -> None:
    for number in ("5511987654321", "11987654321", "1133334444"):
        assert number not in mask(data=f"call {number}.")


@pytest.mark.parametrize(
    "text",
    [
        "order 12345 of 2030-06-01 at 12:30:05",
        "R$ 1.234,56 or 10%",
        "2030-06-01T12:00:00.000000Z",
        "version 10.15.7, 192.168.0.1",
        "msg_0195f1c27a4b7c3e8f00112233445566",
        "from 2024-2025, pages 100-200",
        "Olá, tudo bem? Preciso de 3 unidades.",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(data=text) == text


def test_everything_inside_is_masked_and_what_is_no_text_stays() -> None:
    data = {"messages": [{"content": "ana@x.org"}, ("ana@x.org", 3)], "count": 7, "none": None}
    assert mask(data=data) == {
        "messages": [{"content": "<email>"}, ["<email>", 3]],
        "count": 7,
        "none": None,
    }


@pytest.mark.parametrize("piece", ["a", "1", "1 ", "a.b-", "+", "+1", "(1", "a@", "a@b."])
def test_a_long_text_is_masked_in_no_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.monotonic()
    mask(data=text)
    assert time.monotonic() - started < 1
