"""An issuer of JSON Web Tokens with its published keys."""

import asyncio
import base64
import json
import time
from enum import Enum, auto
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.wire_server import Exchange, WireRequest, WireServer

AUDIENCE = "the-bot"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Claims = dict[str, Any]


class Mood(Enum):
    """What becomes of a request for the keys."""

    SERVING = auto()
    FAILING = auto()
    GARBAGE = auto()
    SILENT = auto()
    EMPTY = auto()
    """There are no keys."""
    DRIPPING = auto()
    """A byte comes now and then."""
    ENDLESS = auto()
    """Bytes come and come."""


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TokenIssuer(WireServer):
    """Publishes keys by their id, and signs with them."""

    def __init__(self) -> None:
        self.keys: dict[str, PrivateKey] = {
            "rsa-1": new_rsa_key(),
            "ec-1": ec.generate_private_key(ec.SECP256R1()),
        }
        self.other_key = new_rsa_key()
        self.extra: list[dict[str, Any]] = []
        self.changes: dict[str, dict[str, Any]] = {}
        self.mood = Mood.SERVING
        super().__init__()
        self.jwks_url = f"{self.url}/.well-known/jwks.json"

    def claims(self, **changes: Any) -> Claims:
        """Return the claims of a good token; a change to None leaves a claim out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "ana", "iat": now, "exp": now + 300}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(
        self,
        claims: Claims,
        key_id: str = "rsa-1",
        algorithm: str = "RS256",
        headers: dict[str, Any] | None = None,
    ) -> str:
        """Return the claims signed by a published key; a header of None is left out."""
        named = {"kid": key_id, **(headers or {})}
        present = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(claims, self.keys[key_id], algorithm, headers=present)

    def with_its_own_key(self, claims: Claims) -> str:
        """Return the claims signed by a key which the token itself brings along."""
        own = _published("own", self.other_key)
        headers = {"kid": "own", "jwk": own, "jku": "https://evil.example/keys"}
        return jwt.encode(claims, self.other_key, "RS256", headers=headers)

    def forged(self, claims: Claims) -> str:
        """Return the claims signed by a key that only claims to be a published one."""
        return jwt.encode(claims, self.other_key, "RS256", headers={"kid": "rsa-1"})

    def signed_with_the_public_key(self, claims: Claims) -> str:
        """Return the claims under a shared-secret signature whose secret everybody knows."""
        public = self.keys["rsa-1"].public_key()
        secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        head = _part({"alg": "HS256", "typ": "JWT", "kid": "rsa-1"})
        signing_input = f"{head}.{_part(claims)}"
        algorithm = jwt.get_algorithm_by_name("HS256")
        # PyJWT itself refuses to take such a key for a secret.
        signature = algorithm.sign(signing_input.encode(), secret)
        return f"{signing_input}.{_encoded(signature)}"

    def unsigned(self, claims: Claims) -> str:
        """Return the claims without a signature."""
        return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': 'rsa-1'})}.{_part(claims)}."

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        match self.mood:
            case Mood.SERVING:
                await exchange.respond_json(200, {"keys": self._published()})
            case Mood.FAILING:
                await exchange.respond_json(503, {})
            case Mood.GARBAGE:
                await exchange.respond(200, b"<html>")
            case Mood.SILENT:
                await asyncio.Event().wait()
            case Mood.EMPTY:
                await exchange.respond_json(200, {"keys": []})
            case Mood.DRIPPING | Mood.ENDLESS:
                await exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                while True:
                    await exchange.send_chunk(b" " * (1 if self.mood is Mood.DRIPPING else 65536))
                    await asyncio.sleep(0.02 if self.mood is Mood.DRIPPING else 0)

    def _published(self) -> list[dict[str, Any]]:
        keys = [
            {**_published(key_id, key), **self.changes.get(key_id, {})}
            for key_id, key in self.keys.items()
        ]
        return self.extra + keys


def _published(key_id: str, key: PrivateKey) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        fields = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        return {**fields, "kid": key_id, "alg": "RS256", "use": "sig"}
    fields = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**fields, "kid": key_id, "alg": "ES256", "use": "sig"}


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
