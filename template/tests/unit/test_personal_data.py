import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.ids import new_id
from domain.personal_data import without_personal_data

PIX_CODE = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
PIECES = st.sampled_from(
    [*"0123456789", *" .-/()+@_:", "\u2011", "a", "Z", "cep ", "55", "9", "000201", "6304", "4111"]
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ana.silva+bot@mail.example.com.br!", "write to <email>!"),
        ("ana%x@example.org, ana@localhost", "<email>, <email>"),
        (f"{'a' * 70}@example.org.", "<email>."),
        ("CPF 123.456.789-09, please", "CPF <document>, please"),
        ("CPF 12345678909", "CPF <document>"),
        ("CPF 123 456 789 09", "CPF <document>"),
        ("CPF 123.456.789/09", "CPF <document>"),
        ("user_12345678909", "user_<document>"),
        ("PIS 123.45678.90-1", "PIS <document>"),
        ("RG 12.345.678-9 or 12.345.678-X", "RG <document> or <document>"),
        ("RG: 123456789", "RG: <document>"),
        ("CNPJ 12.345.678/0001-95", "CNPJ <document>"),
        ("CNPJ 12345678000195", "CNPJ <document>"),
        ("CNPJ 12.ABC.345/01DE-35", "CNPJ <document>"),
        ("CNPJ 12.abc.345/01de-35", "CNPJ <document>"),
        ("CNPJ AB.CDE.FGH/IJKL-80", "CNPJ <document>"),
        ("CNPJ 12ABC34501DE35", "CNPJ <document>"),
        ("CNPJ 12abc34501de35", "CNPJ <document>"),
        ("card 4111 1111 1111 1111 exp 12/30", "card <card> exp 12/30"),
        ("card 4111111111111111", "card <card>"),
        ("card 4111-1111-1111-1111.", "card <card>."),
        ("card 3782 822463 10005", "card <card>"),
        ("call +55 11 98765-4321 now", "call <phone> now"),
        ("call +55 (11) 98765-4321", "call <phone>"),
        ("call +5511987654321", "call <phone>"),
        ("call 0055 11 98765-4321", "call <phone>"),
        ("call 55 11 98765 4321", "call <phone>"),
        ("call (11) 98765-4321", "call <phone>"),
        ("call (011)98765-4321", "call <phone>"),
        ("call 11 98765\u20114321", "call <phone>"),
        ("call 11 9 8765 \u2013 4321", "call <phone>"),
        ("call 11 3333-4444", "call <phone>"),
        ("call (11) 3333-4444", "call <phone>"),
        ("call 3333-4444", "call <phone>"),
        ("call 98765-4321", "call <phone>"),
        ("call 98765 4321", "call <phone>"),
        ("call 987654321", "call <phone>"),
        ("call +1 (415) 555-2671", "call <phone>"),
        ("call (415) 555-2671", "call <phone>"),
        ("call 415-555-2671", "call <phone>"),
        ("call +351 912 345 678", "call <phone>"),
        ("person_5511987654321", "person_<phone>"),
        ("person_5491123456789", "person_<phone>"),
        ("CEP 01310-100", "CEP <postcode>"),
        ("CEP 01.310-100", "CEP <postcode>"),
        ("CEP: 01310100", "CEP: <postcode>"),
        ("Pix 123e4567-e89b-42d3-a456-426614174000", "Pix <pix>"),
        (f"Pix {PIX_CODE}", "Pix <pix>"),
        ("both: ana@x.org and (11) 98765-4321", "both: <email> and <phone>"),
    ],
)
def test_personal_data_is_replaced_by_its_kind(text: str, masked: str) -> None:
    assert without_personal_data(text) == masked


@pytest.mark.parametrize("number", ["5511987654321", "11987654321", "1133334444"])
def test_a_phone_is_gone_also_where_it_could_be_a_document(number: str) -> None:
    assert number not in without_personal_data(f"call {number}.")


@pytest.mark.parametrize(
    "text",
    [
        "order 12345 of 2030-06-01 at 12:30:05",
        "R$ 1.234,56 or 10%, in all R$ 12.345.678,90",
        "2030-06-01T12:00:00.000000Z",
        "1795712345, 1795712345678",
        "version 10.15.7, 192.168.0.1, 192.168.100.10",
        "http://127.0.0.1:43215",
        "from 2024-2025, pages 100-200",
        "0195f1c2-7a4b-7c3e-8f00-112233445566",
        "0123456789" * 4 + "abcdef",
        "4111111111111112",
        "Olá, tudo bem? Preciso de 3 unidades.",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_personal_data(text) == text


def test_the_bots_own_ids_stay() -> None:
    ids = [new_id(prefix) for prefix in ("chat", "msg", "sess") for _ in range(200)]
    assert [one for one in ids if without_personal_data(one) != one] == []


@settings(max_examples=30)
@given(st.lists(PIECES, max_size=40).map("".join))
@example("11 98765-4321 98765-4321 ana@x.org@y.org")
def test_what_is_masked_is_masked_once_and_for_all(text: str) -> None:
    masked = without_personal_data(text)
    assert without_personal_data(masked) == masked


@pytest.mark.parametrize(
    "piece", ["a", "1", "1 ", "a.b-", "+", "+1", "(1", "a@", "a@b.", "000201", "f1", "4111 ", "_1"]
)
def test_a_long_text_is_masked_in_no_time(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    started = time.process_time()
    without_personal_data(text)
    assert time.process_time() - started < 0.5
