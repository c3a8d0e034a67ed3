"""Meta's signature: what is accepted, and what is refused without an exception."""

import base64
import hashlib
import hmac
import json

import pytest

from app.core.service.whatsapp.signature import is_authentic, is_well_formed, sign

SECRET = "app-secret"
BODY = b'{"text":"ol\\u00e1 \\/ \xc3\xa9"}'


def digest(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


TEXTS = (
    "Olá, tudo bem?",
    "Ça va ? Où êtes-vous ?",
    "日本語のメッセージ",
    "مرحبا",
    "שלום",
    "Привет",
    "한국어",
    "👋🏽👨‍👩‍👧🇧🇷",
    "https://a.example/b?c=d&e=f",
    'quote " backslash \\ tab \t line \n',
    "<script>alert('x')</script>",
    "\u2028\u2029",
)


def as_meta_writes(text: str) -> bytes:
    """Return a body in ASCII, with its slashes escaped."""
    return json.dumps({"text": {"body": text}}).replace("/", "\\/").encode()


def as_others_write(text: str) -> bytes:
    """Return the same body in UTF-8."""
    return json.dumps({"text": {"body": text}}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "body",
    [
        *(write(text) for text in TEXTS for write in (as_meta_writes, as_others_write)),
        *(BODY, b"", b" ", b"\x00\xff", b"\xef\xbb\xbf{}", b"{}\n", b"a" * 100_000),
    ],
    ids=lambda body: repr(body[:40]),
)
def test_the_hmac_of_the_raw_bytes_is_accepted(body: bytes) -> None:
    assert is_authentic(SECRET, body, f"sha256={digest(body)}")
    assert sign(SECRET, body) == f"sha256={digest(body)}"


@pytest.mark.parametrize(
    "text", [text for text in TEXTS if as_meta_writes(text) != as_others_write(text)]
)
def test_the_same_text_written_otherwise_is_refused(text: str) -> None:
    assert not is_authentic(SECRET, as_others_write(text), sign(SECRET, as_meta_writes(text)))
    assert not is_authentic(SECRET, as_meta_writes(text), sign(SECRET, as_others_write(text)))


@pytest.mark.parametrize("secret", ["s", "s" * 200, "segredo-é-日本", " blank at both ends "])
def test_any_secret_will_do(secret: str) -> None:
    assert is_authentic(secret, BODY, f"sha256={digest(BODY, secret)}")
    assert not is_authentic(f"{secret} ", BODY, f"sha256={digest(BODY, secret)}")


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
        "sha256=",
        "sha256",
        "=",
        f"sha256 ={digest(BODY)}",
        f"sha256= {digest(BODY)}",
        f" sha256={digest(BODY)}",
        f"sha256={digest(BODY)},sha256={digest(BODY)}",
        f"sha256={digest(BODY)}\x00",
        f"sha256=0x{digest(BODY)[2:]}",
        f"sha256:{digest(BODY)}",
        f"sha512={digest(BODY)}",
        f'"sha256={digest(BODY)}"',
        "sha256=" + "0" * 10_000,
        "sha1=" + hmac.new(SECRET.encode(), BODY, "sha1").hexdigest(),
        "sha256=" + base64.b64encode(bytes.fromhex(digest(BODY))).decode(),
    ],
)
def test_a_malformed_signature_is_refused(signature: str) -> None:
    assert not is_well_formed(signature)
    assert not is_authentic(SECRET, BODY, signature)


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        (BODY + b" ", SECRET),
        (BODY[:-1], SECRET),
        (BODY[1:], SECRET),
        (b"", SECRET),
        (BODY.upper(), SECRET),
        (BODY.replace(b":", b": "), SECRET),
        (BODY + BODY, SECRET),
        (BODY, SECRET.upper()),
        (BODY, SECRET[:-1]),
        (BODY, "\x00" + SECRET),
        (BODY.replace(b"\\u00e1", "á".encode()), SECRET),
        (BODY.replace(b"\\/", b"/"), SECRET),
        (BODY, "another-secret"),
    ],
)
def test_a_signature_of_something_else_is_refused(body: bytes, secret: str) -> None:
    assert not is_authentic(SECRET, BODY, f"sha256={digest(body, secret)}")


def test_without_a_secret_nothing_is_authentic() -> None:
    assert not is_authentic("", BODY, f"sha256={digest(BODY, '')}")
