"""The prompts at Langfuse: the newest versions with a label, fetched beside the turns."""

import asyncio
import time
from collections.abc import Mapping
from secrets import SystemRandom
from urllib.parse import quote

import structlog
from langfuse.api import AsyncLangfuseAPI
from langfuse.api.core import ApiError
from langfuse.api.prompts.types import Prompt, Prompt_Text

from app.core.ports.prompts import PromptVersions
from domain.dto.prompt_version import PromptVersion

logger = structlog.get_logger(__name__)

_REFRESH_SECONDS = 60.0
# Of the pause, while Langfuse is away: up to a quarter of an hour.
_MOST_DOUBLINGS = 4
# Of the pause as well, more or less: many processes that start together do not go on asking together.
_JITTER = 0.2
_REQUEST_TIMEOUT_SECONDS = 5
# For all prompts together.
_ROUND_TIMEOUT_SECONDS = 30
_NOT_FOUND = 404


class PromptCatalog(PromptVersions):
    """Keeps the newest version of each prompt that can be used in place of the file's.

    What cannot be reached keeps the version known so far. What is not there, is empty, or has other
    placeholders than the file's, gives way to the file, and the log says so once.
    """

    def __init__(
        self,
        api: AsyncLangfuseAPI,
        *,
        folder: str,
        label: str,
        placeholders: Mapping[str, frozenset[str]],
    ) -> None:
        """Args:
        placeholders: those of the file's prompts, by the prompt's name.
        """
        self._api = api
        self._folder = folder
        self._label = label
        self._placeholders = placeholders
        self._versions: dict[str, PromptVersion] = {}
        self._faults: dict[str, str] = {}
        self._failures = 0
        self._due_at = 0.0
        self._round: asyncio.Task[None] | None = None
        self._random = SystemRandom()

    def newest(self, name: str) -> PromptVersion | None:
        return self._versions.get(name)

    def keep_fresh(self) -> None:
        if time.monotonic() < self._due_at or (self._round and not self._round.done()):
            return
        self._round = asyncio.create_task(self._refresh())

    async def stop(self) -> None:
        self._due_at = float("inf")
        if self._round is not None:
            self._round.cancel()
            await asyncio.wait([self._round])

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(_ROUND_TIMEOUT_SECONDS):
                for name in self._placeholders:
                    await self._fetch(name)
            self._failures = 0
        except Exception as error:
            if not self._failures:
                logger.warning("prompts_not_refreshed", reason=type(error).__name__)
            self._failures += 1
        pause = _REFRESH_SECONDS * 2 ** min(self._failures, _MOST_DOUBLINGS)
        pause *= self._random.uniform(1 - _JITTER, 1 + _JITTER)
        self._due_at = time.monotonic() + pause
        asyncio.get_running_loop().call_later(pause, self.keep_fresh)

    async def _fetch(self, name: str) -> None:
        try:
            found: Prompt = await self._api.prompts.get(
                quote(f"{self._folder}/{name}", safe=""),
                label=self._label,
                request_options={
                    "timeout_in_seconds": _REQUEST_TIMEOUT_SECONDS,
                    "max_retries": 0,
                },
            )
        except ApiError as error:
            if error.status_code != _NOT_FOUND:
                raise
            self._leave_to_file(name, f"Langfuse has none with the label {self._label}")
            return
        if not isinstance(found, Prompt_Text):
            self._leave_to_file(name, f"version {found.version} is a chat, not a text")
            return
        version = PromptVersion(found.name, found.version, found.prompt)
        if fault := fault_of(version, self._placeholders[name]):
            self._leave_to_file(name, f"version {version.version} {fault}")
            return
        self._faults.pop(name, None)
        if self._versions.get(name) != version:
            self._versions[name] = version
            logger.info("prompt_version_in_use", prompt=name, version=version.version)

    def _leave_to_file(self, name: str, reason: str) -> None:
        self._versions.pop(name, None)
        if self._faults.get(name) != reason:
            self._faults[name] = reason
            logger.warning("prompt_of_the_file_in_use", prompt=name, reason=reason)


def fault_of(version: PromptVersion, placeholders: frozenset[str]) -> str:
    """Return why a version cannot stand where the file's prompt does; nothing if it can.

    Args:
        placeholders: those of the file's prompt.
    """
    if not version.text.strip():
        return "is empty"
    if missing := placeholders - version.placeholders:
        return f"lacks the placeholder {', '.join(sorted(missing))}"
    if unknown := version.placeholders - placeholders:
        return f"has the unknown placeholder {', '.join(sorted(unknown))}"
    return ""
