"""The AWS account that a command works in, and AWS's errors in sentences that say what to do."""

import ipaddress
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from scripts.deployment import texts
from scripts.deployment.errors import DeploymentError

_CONFIG = Config(
    connect_timeout=10,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 4},
)
# An emulated AWS accepts any key; real ones are never sent to it.
_LOCAL_KEY = "local"
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_INVALID = {
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "AuthFailure",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


@dataclass(frozen=True, slots=True)
class Account:
    """An account in one region; `emulator_url` is where it is emulated, None for AWS itself."""

    session: Any
    region: str
    account_id: str
    emulator_url: str | None = None

    def client(self, service: str) -> Any:
        """Return a client of an AWS service, with bounded waits and retries."""
        return self.session.client(
            service, endpoint_url=self.emulator_url, config=_config(self.emulator_url)
        )


def connect(region: str, profile: str | None = None, endpoint_url: str | None = None) -> Account:
    """Find the credentials and ask AWS whose they are.

    `endpoint_url` is an emulated AWS, by default that of AWS_ENDPOINT_URL.

    Raises:
        DeploymentError: there are no credentials, AWS refuses them, or it cannot be reached.
    """
    url = endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or None
    emulator_url = url if is_loopback(url) else None
    key = _LOCAL_KEY if emulator_url else None
    try:
        session = boto3.Session(
            profile_name=None if emulator_url else profile,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=key,
        )
        account = Account(session, region, "", emulator_url)
        identity = account.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(explained(error, region)) from error
    return Account(session, region, identity["Account"], emulator_url)


def explained(error: BotoCoreError | ClientError, region: str) -> str:
    """Return what went wrong at AWS, and what to do, in one sentence or two."""
    match error:
        case ProfileNotFound():
            return texts.PROFILE_NOT_FOUND.format(error=error)
        case UnauthorizedSSOTokenError() | SSOTokenLoadError() | TokenRetrievalError():
            return texts.CREDENTIALS_EXPIRED
        case NoCredentialsError() | PartialCredentialsError() | CredentialRetrievalError():
            return texts.NO_CREDENTIALS.format(error=error)
        case NoRegionError() | EndpointConnectionError() | ConnectTimeoutError():
            return texts.AWS_OUT_OF_REACH.format(region=region, error=error)
        case ReadTimeoutError():
            return texts.AWS_TOO_SLOW.format(error=error)
        case ClientError():
            return _explained_refusal(error, region)
    return texts.AWS_FAILED.format(error=error)


def error_code(error: ClientError) -> str:
    """Return AWS's name of the error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_loopback(url: str | None) -> bool:
    """Tell whether the URL's host is this machine."""
    host = urlsplit(url or "").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _explained_refusal(error: ClientError, region: str) -> str:
    code, operation = error_code(error), error.operation_name
    message = str(error.response.get("Error", {}).get("Message", ""))
    if code in _EXPIRED:
        return texts.CREDENTIALS_EXPIRED
    if code in _INVALID:
        return texts.CREDENTIALS_INVALID.format(region=region)
    if code in _DENIED or "not authorized" in message:
        return texts.NOT_ALLOWED.format(operation=operation, message=message)
    return texts.AWS_REFUSED.format(operation=operation, code=code, message=message)


def _config(emulator_url: str | None) -> Config:
    if emulator_url is None:
        return _CONFIG
    # A company's proxy cannot reach this machine's own addresses.
    local = Config(proxies={}, s3={"addressing_style": "path"})
    merged: Config = _CONFIG.merge(local)
    return merged
