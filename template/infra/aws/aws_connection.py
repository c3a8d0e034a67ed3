"""Where the AWS services are and with which credentials they are called, decided in one place."""

import ipaddress
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.credentials import ReadOnlyCredentials

from infra.local_aws.local_aws import LocalAws

# Local servers accept any alphanumeric key; real keys are never sent to them.
_LOCAL_KEY = "local"

# What botocore would work out anew for every request and the bot has no use for.
_LEAN = AioConfig(
    user_agent="chatbot",
    disable_request_compression=True,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    account_id_endpoint_mode="disabled",
    # Requests are built from typed values.
    parameter_validation=False,
)


@dataclass(frozen=True, slots=True)
class AwsOptions:
    """The settings that decide where DynamoDB and Bedrock are.

    With `dynamodb_local`, `endpoint_url` stands for the table alone: botocore by itself would send
    Bedrock's requests there as well.
    """

    region: str
    endpoint_url: str | None = None
    dynamodb_endpoint_url: str | None = None
    bedrock_endpoint_url: str | None = None
    dynamodb_local: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service's address; `credentials` gives what to sign a request with at that moment.

    The local AWS tells from the signature which service is meant, so it takes no API key.
    """

    url: str
    region: str
    session: AioSession
    is_local_aws: bool = False

    async def credentials(self) -> ReadOnlyCredentials | None:
        """Return the current credentials, refreshed where they expire; None if there are none."""
        if is_loopback(self.url):
            return ReadOnlyCredentials(_LOCAL_KEY, _LOCAL_KEY, None)
        credentials = await self.session.get_credentials()
        return None if credentials is None else await credentials.get_frozen_credentials()


class AwsConnection:
    """Opens clients for AWS services and closes them together."""

    def __init__(self, options: AwsOptions, local_aws: LocalAws | None = None) -> None:
        self._options = options
        self._local_aws = local_aws
        self._local_endpoint_url: str | None = None
        self._session = AioSession()
        self._clients = AsyncExitStack()

    async def start(self) -> None:
        """Start or find the local AWS, where one was asked for.

        Raises:
            LocalAwsError: it cannot be started; the message says what to do.
        """
        if self._local_aws is not None:
            self._local_endpoint_url = await self._local_aws.start()

    async def stop(self) -> None:
        """Close every client, then let go of the local AWS."""
        await self._clients.aclose()
        if self._local_aws is not None:
            await self._local_aws.stop()

    @property
    def is_local_table(self) -> bool:
        """Whether the table is on this machine, where the bot may create it by itself."""
        return self._local_endpoint_url is not None

    async def dynamodb(self, config: AioConfig) -> Any:
        """Return an open DynamoDB client; `stop()` closes it."""
        options = self._options
        url = self._local_endpoint_url or options.dynamodb_endpoint_url or options.endpoint_url
        return await self._client("dynamodb", url, config)

    async def bedrock_runtime(self) -> Endpoint:
        """Return where Bedrock Runtime is, by the settings or else by botocore's own rules."""
        url = self._options.bedrock_endpoint_url
        if self._local_aws is not None and self._local_aws.has_bedrock:
            url = url or self._local_endpoint_url
        client = await self.client("bedrock-runtime", AioConfig(), url)
        return Endpoint(
            client.meta.endpoint_url,
            client.meta.region_name,
            self._session,
            is_local_aws=url is not None and url == self._local_endpoint_url,
        )

    async def client(self, service: str, config: AioConfig, endpoint_url: str | None) -> Any:
        """Return an open client of a service that is not the table; `stop()` closes it.

        Args:
            endpoint_url: the address of this service alone, if the settings name one.
        """
        if self._options.dynamodb_local or self._local_aws is not None:
            config = config.merge(AioConfig(ignore_configured_endpoint_urls=True))
        else:
            endpoint_url = endpoint_url or self._options.endpoint_url
        return await self._client(service, endpoint_url, config)

    async def _client(self, service: str, endpoint_url: str | None, config: AioConfig) -> Any:
        local = is_loopback(endpoint_url)
        if local:
            # A proxy of the environment must not be asked for a server on this machine.
            config = config.merge(AioConfig(proxies={}))
        context = self._session.create_client(
            service,
            region_name=self._options.region,
            endpoint_url=endpoint_url,
            aws_access_key_id=_LOCAL_KEY if local else None,
            aws_secret_access_key=_LOCAL_KEY if local else None,
            config=config.merge(_LEAN),
        )
        return await self._clients.enter_async_context(context)


def is_loopback(url: str | None) -> bool:
    """Tell whether the URL's host is this machine."""
    host = urlsplit(url or "").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
