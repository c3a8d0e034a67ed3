"""Meta's signature: what is accepted, and what is refused without an exception."""

import hashlib
import hmac

import pytest

from app.core.service.whatsapp.signature import is_authentic, is_well_formed, sign

SECRET = "app-secret"
BODY = b'{"text":"ol\\u00e1 \\/ \xc3\xa9"}'


def digest(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("body", [BODY, b"", b"\x00\xff", '{"a":"日本語"}'.encode()])
def test_the_hmac_of_the_raw_bytes_is_accepted(body: bytes) -> None:
    assert is_authentic(SECRET, body, f"sha256={digest(body)}")
    assert sign(SECRET, body) == f"sha256={digest(body)}"


def test_hexadecimal_digits_may_be_capitals() -> None:
    assert is_authentic(SECRET, BODY, f"sha256={digest(BODY).upper()}")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        digest(BODY),
        f"sha1={digest(BODY)}",
        f"SHA256={digest(BODY)}",
        f"sha256={digest(BODY)[:-1]}",
        f"sha256={digest(BODY)}0",
        f"sha256={digest(BODY)} ",
        f"sha256={digest(BODY)}\n",
        f"sha256={'g' * 64}",
        f"sha256={'é' * 64}",
        f"sha256={'٣' * 64}",
    ],
)
def test_a_malformed_signature_is_refused(signature: str) -> None:
    assert not is_well_formed(signature)
    assert not is_authentic(SECRET, BODY, signature)


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        (BODY + b" ", SECRET),
        (BODY.replace(b"\\u00e1", "á".encode()), SECRET),
        (BODY.replace(b"\\/", b"/"), SECRET),
        (BODY, "another-secret"),
    ],
)
def test_a_signature_of_something_else_is_refused(body: bytes, secret: str) -> None:
    assert not is_authentic(SECRET, BODY, f"sha256={digest(body, secret)}")


def test_without_a_secret_nothing_is_authentic() -> None:
    assert not is_authentic("", BODY, f"sha256={digest(BODY, '')}")
