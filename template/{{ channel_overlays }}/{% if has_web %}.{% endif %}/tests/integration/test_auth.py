"""From a bearer token to a user, with an issuer on the wire."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from app.core.service.auth.auth_service import AuthService
from app.core.service.auth.identity import ANYBODY, Identity
from app.core.service.operator.token_operator_auth import TokenOperatorAuth
from app.core.settings_owner import OwnerSettings
from domain.exceptions.business_exception import BusinessException
from tests.support.token_issuer import AUDIENCE, Mood, TokenIssuer, new_rsa_key

MODULE = "app.core.service.auth.jwt_verifier"


@pytest.fixture(scope="module")
def issuer_server() -> Iterator[TokenIssuer]:
    server = TokenIssuer()
    yield server
    server.close()


@pytest.fixture
def issuer(issuer_server: TokenIssuer) -> Iterator[TokenIssuer]:
    keys = dict(issuer_server.keys)
    issuer_server.requests.clear()
    yield issuer_server
    issuer_server.keys, issuer_server.extra, issuer_server.changes = keys, [], {}
    issuer_server.mood = Mood.SERVING


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest.fixture
def jwt_auth(issuer: TokenIssuer, http: httpx.AsyncClient) -> AuthService:
    return auth_service(
        http,
        auth_mode="jwt",
        auth_jwks_url=issuer.jwks_url,
        auth_jwt_issuer=issuer.url,
        auth_jwt_audience=AUDIENCE,
    )


def auth_service(http: httpx.AsyncClient, **settings: Any) -> AuthService:
    return AuthService(OwnerSettings.model_validate(settings), http)


async def is_refused(auth: AuthService, token: str | None) -> bool:
    try:
        await auth.authenticate(token)
    except BusinessException as refusal:
        assert refusal.code == "unauthorized"
        return True
    return False


@pytest.mark.parametrize("token", [None, "", "anything"])
async def test_without_authentication_the_request_names_the_user(
    token: str | None, http: httpx.AsyncClient
) -> None:
    assert await auth_service(http).authenticate(token) == ANYBODY


KEYS = "key-1:ana, key-2:joão:maria ,key-3:*,"


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        ("key-1", Identity("ana")),
        ("key-2", Identity("joão:maria")),
        ("key-3", ANYBODY),
    ],
)
async def test_an_api_key_names_its_user(
    key: str, identity: Identity, http: httpx.AsyncClient
) -> None:
    auth = auth_service(http, auth_mode="api_key", auth_api_keys=KEYS)
    assert await auth.authenticate(key) == identity


@pytest.mark.parametrize("key", [None, "", "key", "key-1 ", "KEY-1", "*", "ana", "key-é", "\udcff"])
async def test_any_other_key_is_refused(key: str | None, http: httpx.AsyncClient) -> None:
    auth = auth_service(http, auth_mode="api_key", auth_api_keys=KEYS)
    assert await is_refused(auth, key)


@pytest.mark.parametrize(
    ("identity", "requested", "user"),
    [
        (ANYBODY, "ana", "ana"),
        (Identity("ana"), None, "ana"),
        (Identity("ana"), "ana", "ana"),
    ],
)
def test_a_request_is_of_the_user_that_the_credential_allows(
    identity: Identity, requested: str | None, user: str
) -> None:
    assert identity.user_for(requested) == user


@pytest.mark.parametrize(
    ("identity", "requested", "code"),
    [
        (ANYBODY, None, "user_id_required"),
        (Identity("ana"), "eva", "forbidden"),
        (Identity("ana"), "", "forbidden"),
        (Identity("ana"), "Ana", "forbidden"),
        (ANYBODY, "", "invalid_id"),
        (ANYBODY, "a\nb", "invalid_id"),
        (Identity("x" * 3_000), None, "invalid_id"),
        (Identity("a\x00b"), None, "invalid_id"),
    ],
)
def test_a_request_of_nobody_of_another_or_of_no_possible_user_is_refused(
    identity: Identity, requested: str | None, code: str
) -> None:
    with pytest.raises(BusinessException) as refusal:
        identity.user_for(requested)
    assert refusal.value.code == code


Tokens = Callable[[TokenIssuer], str]


@pytest.mark.parametrize(
    "token",
    [
        lambda issuer: issuer.token(issuer.claims()),
        lambda issuer: issuer.token(issuer.claims(), "ec-1", "ES256"),
        lambda issuer: issuer.token(issuer.claims(aud=["another", AUDIENCE])),
        lambda issuer: issuer.token(issuer.claims(exp=int(time.time()) - 5)),
        # Amazon Cognito's access tokens name the client instead of an audience.
        lambda issuer: issuer.token(
            issuer.claims(aud=None, token_use="access", client_id=AUDIENCE)
        ),
    ],
    ids=["rsa", "elliptic curve", "several audiences", "clocks apart", "cognito"],
)
async def test_a_good_token_names_its_user(
    token: Tokens, jwt_auth: AuthService, issuer: TokenIssuer
) -> None:
    assert await jwt_auth.authenticate(token(issuer)) == Identity("ana")


BAD_TOKENS: dict[str, Tokens] = {
    "expired": lambda issuer: issuer.token(issuer.claims(exp=int(time.time()) - 120)),
    "without an end": lambda issuer: issuer.token(issuer.claims(exp=None)),
    "of tomorrow": lambda issuer: issuer.token(issuer.claims(nbf=int(time.time()) + 9_999)),
    "of another issuer": lambda issuer: issuer.token(issuer.claims(iss="https://evil.example")),
    "without an issuer": lambda issuer: issuer.token(issuer.claims(iss=None)),
    "for another audience": lambda issuer: issuer.token(issuer.claims(aud="another")),
    "for part of the audience": lambda issuer: issuer.token(issuer.claims(aud="the")),
    "without an audience": lambda issuer: issuer.token(issuer.claims(aud=None)),
    "access token of another client": lambda issuer: issuer.token(
        issuer.claims(aud=None, token_use="access", client_id="another")
    ),
    "id token without an audience": lambda issuer: issuer.token(
        issuer.claims(aud=None, token_use="id", client_id=AUDIENCE)
    ),
    "for a number": lambda issuer: issuer.token(issuer.claims(aud=5)),
    "for a truth": lambda issuer: issuer.token(issuer.claims(aud=True)),
    "for an object": lambda issuer: issuer.token(issuer.claims(aud={AUDIENCE: 1})),
    "signed otherwise than its key says": lambda issuer: issuer.token(
        issuer.claims(), algorithm="RS512"
    ),
    "with a header nobody understands": lambda issuer: issuer.token(
        issuer.claims(), headers={"crit": ["unknown"], "unknown": True}
    ),
    "without the name of its key": lambda issuer: issuer.token(
        issuer.claims(), headers={"kid": None}
    ),
    "that brings its own key": lambda issuer: issuer.with_its_own_key(issuer.claims()),
    "with a signature of zeros": lambda issuer: zeros(issuer),
    "without a user": lambda issuer: issuer.token(issuer.claims(sub=None)),
    "of a user without a name": lambda issuer: issuer.token(issuer.claims(sub="")),
    "forged": lambda issuer: issuer.forged(issuer.claims()),
    "unsigned": lambda issuer: issuer.unsigned(issuer.claims()),
    "signed with the public key": lambda i: i.signed_with_the_public_key(i.claims()),
    "cut off": lambda issuer: issuer.token(issuer.claims())[:-10],
    "changed": lambda issuer: changed(issuer),
    "no token": lambda issuer: "a.b.c",
    "no token at all": lambda issuer: "key-1",
    "empty": lambda issuer: "",
    "not ASCII": lambda issuer: "é.é.é",
    "half a character": lambda issuer: "\udcff",
}


def changed(issuer: TokenIssuer) -> str:
    """Return a good token whose claims were replaced by those of another user."""
    head, _, signature = issuer.token(issuer.claims()).split(".")
    _, claims, _ = issuer.token(issuer.claims(sub="eva")).split(".")
    return f"{head}.{claims}.{signature}"


def zeros(issuer: TokenIssuer) -> str:
    """Return a token whose signature a careless check of elliptic curves takes (CVE-2022-21449)."""
    signed, _, _ = issuer.token(issuer.claims(), "ec-1", "ES256").rpartition(".")
    return f"{signed}.{'A' * 86}"


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
async def test_a_bad_token_is_refused_without_a_reason(
    token: Tokens, jwt_auth: AuthService, issuer: TokenIssuer
) -> None:
    assert await is_refused(jwt_auth, token(issuer))
    # The same service goes on with good ones.
    assert await jwt_auth.authenticate(issuer.token(issuer.claims())) == Identity("ana")


async def test_the_keys_are_fetched_once_for_many_tokens(
    jwt_auth: AuthService, issuer: TokenIssuer
) -> None:
    token = issuer.token(issuer.claims())
    await asyncio.gather(*(jwt_auth.authenticate(token) for _ in range(50)))
    assert len(issuer.requests) == 1


async def test_tokens_of_unknown_keys_do_not_flood_the_issuer(
    jwt_auth: AuthService, issuer: TokenIssuer
) -> None:
    claims = issuer.claims()
    for number in range(20):
        issuer.keys[f"new-{number}"] = issuer.other_key
        unknown = issuer.token(claims, f"new-{number}")
        await is_refused(jwt_auth, unknown)
    assert len(issuer.requests) == 1


async def test_a_new_key_is_found_after_a_while(
    jwt_auth: AuthService, issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await jwt_auth.authenticate(issuer.token(issuer.claims()))
    issuer.keys["rsa-2"] = new_rsa_key()
    token = issuer.token(issuer.claims(), "rsa-2")
    assert await is_refused(jwt_auth, token)
    monkeypatch.setattr(f"{MODULE}._REFETCH_SECONDS", 0)
    assert await jwt_auth.authenticate(token) == Identity("ana")


@pytest.mark.parametrize(
    "mood", [Mood.FAILING, Mood.GARBAGE, Mood.SILENT, Mood.DRIPPING, Mood.ENDLESS]
)
async def test_an_issuer_that_is_away_costs_neither_time_nor_those_who_are_known(
    mood: Mood, jwt_auth: AuthService, issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token(issuer.claims())
    await jwt_auth.authenticate(token)
    monkeypatch.setattr(f"{MODULE}._FETCH_TIMEOUT_SECONDS", 0.2)
    issuer.mood = mood
    monkeypatch.setattr(f"{MODULE}._KEYS_SECONDS", 0)
    started = time.monotonic()
    assert await jwt_auth.authenticate(token) == Identity("ana")
    assert time.monotonic() - started < 2
    assert len(issuer.requests) == 2


async def code_of(attempt: Awaitable[object]) -> str:
    with pytest.raises(BusinessException) as refusal:
        await attempt
    return refusal.value.code


@pytest.mark.parametrize("mood", [Mood.FAILING, Mood.EMPTY])
async def test_without_keys_nobody_is_let_in_and_nobody_is_told_to_sign_in_again(
    mood: Mood, jwt_auth: AuthService, issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.mood = mood
    token = issuer.token(issuer.claims(role="operator"))
    assert await code_of(jwt_auth.authenticate(token)) == "issuer_unavailable"
    operators = TokenOperatorAuth({}, jwt_auth)
    assert await code_of(operators.operator_of(token)) == "issuer_unavailable"
    issuer.mood = Mood.SERVING
    monkeypatch.setattr(f"{MODULE}._REFETCH_SECONDS", 0)
    assert await jwt_auth.authenticate(token) == Identity("ana")


async def test_keys_that_the_issuer_has_not_confirmed_for_a_day_do_not_count_any_more(
    jwt_auth: AuthService, issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token(issuer.claims())
    await jwt_auth.authenticate(token)
    issuer.mood = Mood.FAILING
    monkeypatch.setattr(f"{MODULE}._KEYS_SECONDS", 0)
    monkeypatch.setattr(f"{MODULE}._UNCONFIRMED_SECONDS", 0)
    assert await code_of(jwt_auth.authenticate(token)) == "issuer_unavailable"


@pytest.mark.parametrize("changes", [{"use": "enc"}, {"use": "enc", "alg": None}, {"kty": "oct"}])
async def test_a_key_that_is_not_for_signatures_signs_nothing(
    changes: dict[str, Any], jwt_auth: AuthService, issuer: TokenIssuer
) -> None:
    issuer.changes["rsa-1"] = changes
    assert await is_refused(jwt_auth, issuer.token(issuer.claims()))
    assert await jwt_auth.authenticate(issuer.token(issuer.claims(), "ec-1", "ES256"))


@pytest.mark.parametrize(
    "extra",
    [
        # Keycloak publishes a key for encryption beside those for signatures.
        {"kid": "enc", "kty": "RSA", "alg": "RSA-OAEP", "use": "enc", "n": "AQAB", "e": "AQAB"},
        {"kid": "new", "kty": "AKP", "alg": "ML-DSA-44", "pub": "AQAB"},
        {"kid": "broken", "kty": "RSA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        "not a key",
    ],
    ids=["for encryption", "of a kind nobody knows yet", "broken", "without an id", "no key"],
)
async def test_a_key_that_is_of_no_use_does_not_spoil_the_others(
    extra: Any, jwt_auth: AuthService, issuer: TokenIssuer
) -> None:
    issuer.extra = [extra]
    assert await jwt_auth.authenticate(issuer.token(issuer.claims())) == Identity("ana")


@pytest.mark.parametrize(
    ("claims", "is_operator"),
    [
        ({"role": "operator"}, True),
        ({"roles": ["reader", "operator"]}, True),
        ({"cognito:groups": ["operator"]}, True),
        ({"role": "operators"}, False),
        ({"roles": {"operator": True}}, False),
        ({}, False),
    ],
)
async def test_a_token_with_the_role_is_an_operators_credential(
    claims: dict[str, Any], is_operator: bool, jwt_auth: AuthService, issuer: TokenIssuer
) -> None:
    operators = TokenOperatorAuth({}, jwt_auth)
    assert operators.is_configured
    token = issuer.token(issuer.claims(sub="rita", **claims))
    if is_operator:
        assert await operators.operator_of(token) == "rita"
    else:
        with pytest.raises(BusinessException):
            await operators.operator_of(token)


async def test_without_tokens_only_keys_make_an_operator(http: httpx.AsyncClient) -> None:
    nobody = auth_service(http, auth_mode="none")
    assert not TokenOperatorAuth({}, nobody).is_configured
    operators = TokenOperatorAuth({"a-key": "Rita"}, nobody)
    assert await operators.operator_of("a-key") == "Rita"
    with pytest.raises(BusinessException):
        await operators.operator_of("a-token")
