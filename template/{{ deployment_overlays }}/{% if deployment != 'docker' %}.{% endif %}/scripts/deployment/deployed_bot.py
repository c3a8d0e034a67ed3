"""The bot as it runs in AWS, for checks from outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import httpx

_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Credential:
    """What the bot itself asks for; `user` is whom it speaks for, where the token does not say."""

    token: str
    user: str | None = None


@dataclass(frozen=True, slots=True)
class DeployedBot:
    """The addresses of a bot, by the outputs of its stack, and a client to ask it."""

    outputs: Mapping[str, str]
    http: httpx.Client
    credential: Credential | None
    is_local: bool

    def url(self, path: str) -> str:
        """Return an HTTP address of the bot."""
        return self.outputs["HttpUrl"] + path

    @property
    def authorization(self) -> dict[str, str]:
        """The header with the credential."""
        return {"Authorization": f"Bearer {self.credential.token}"} if self.credential else {}

    def question(self, text: str) -> dict[str, str]:
        """Return a question as the channels take it."""
        user = self.credential.user if self.credential else None
        return {"question": text, **({"user_id": user} if user else {})}

    @classmethod
    def of(
        cls, outputs: Mapping[str, str], credential: Credential | None, *, is_local: bool
    ) -> Self:
        """Return the bot of a stack with these outputs."""
        timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
        # A company's proxy cannot reach this machine's own addresses.
        http = httpx.Client(timeout=timeout, trust_env=not is_local)
        return cls(outputs, http, credential, is_local)


@dataclass(frozen=True, slots=True)
class Check:
    """Something the bot has to do; `run` raises CheckFailed or httpx.HTTPError if it does not."""

    title: str
    run: Callable[[DeployedBot], None]
    needs_credential: bool = False

    def applies_to(self, bot: DeployedBot) -> bool:
        """Whether there is a credential, if the check needs one."""
        return bot.credential is not None or not self.needs_credential
