"""The prompts of prompts.py at Langfuse: `uv run python -m scripts.prompts diff`, or `push`."""

import argparse
import difflib
import sys
from collections.abc import Iterable
from urllib.parse import quote

import httpx
from langfuse.api import LangfuseAPI
from langfuse.api.core import ApiError
from langfuse.api.prompts.types import CreateTextPromptRequest, Prompt, Prompt_Text

from app.core.config import Settings, SettingsError, load_settings
from app.core.service.llm.graph import prompts
from app.core.settings.tracing import PROMPT_FOLDER
from app.core.settings_owner import OwnerSettings
from domain.dto.prompt_version import PromptVersion
from domain.prompt_text import FilePrompt, file_prompts
from infra.tracing.prompt_catalog import fault_of

_TIMEOUT_SECONDS = 10
_NOT_FOUND = 404


class PromptsError(Exception):
    """Langfuse did not do what it was asked; the message says why, in one line."""


class ManagedFolder:
    """The bot's prompts at Langfuse, as those with one label."""

    def __init__(self, settings: Settings) -> None:
        """Raises:
        PromptsError: the keys are not set.
        """
        if not settings.sends_traces:
            raise PromptsError("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are needed")
        self.label = settings.langfuse_prompt_label
        self._host = settings.langfuse_host
        self._api = LangfuseAPI(
            base_url=settings.langfuse_host,
            username=settings.langfuse_public_key,
            password=settings.langfuse_secret_key.get_secret_value(),
            timeout=_TIMEOUT_SECONDS,
        )

    def find(self, name: str, label: str) -> PromptVersion | None:
        """Return the version with the label, None if there is none.

        Raises:
            PromptsError: Langfuse is away, or does not know the keys; or the prompt is a chat.
        """
        try:
            found = self._api.prompts.get(quote(f"{PROMPT_FOLDER}/{name}", safe=""), label=label)
        except ApiError as error:
            if error.status_code == _NOT_FOUND:
                return None
            raise self._failed(f"status {error.status_code}") from error
        except httpx.HTTPError as error:
            raise self._failed(type(error).__name__) from error
        if not isinstance(found, Prompt_Text):
            raise PromptsError(f"{PROMPT_FOLDER}/{name} is a chat there; the bot uses texts")
        return PromptVersion(found.name, found.version, found.prompt)

    def add(self, prompt: FilePrompt, labels: list[str]) -> int:
        """Add the file's text as a version; returns its number.

        Raises:
            PromptsError: Langfuse did not take it.
        """
        try:
            added: Prompt = self._api.prompts.create(
                request=CreateTextPromptRequest(
                    name=f"{PROMPT_FOLDER}/{prompt.name}",
                    prompt=prompt.managed_text,
                    labels=labels,
                    commit_message="from prompts.py",
                )
            )
        except ApiError as error:
            raise self._failed(f"status {error.status_code}") from error
        except httpx.HTTPError as error:
            raise self._failed(type(error).__name__) from error
        return added.version

    def _failed(self, reason: str) -> PromptsError:
        return PromptsError(f"{self._host} did not answer as expected: {reason}")


def diff(folder: ManagedFolder, known: Iterable[FilePrompt]) -> int:
    """Print how the versions in use differ from the file; returns how many do."""
    different = 0
    for prompt in known:
        version = folder.find(prompt.name, folder.label)
        if version is None:
            print(f"{prompt.name}: not at Langfuse, the file's text is in use")
        elif version.text == prompt.managed_text:
            print(f"{prompt.name}: version {version.version} is the file's text")
            continue
        else:
            _print_difference(prompt, version)
        different += 1
    return different


def push(folder: ManagedFolder, known: Iterable[FilePrompt], *, promote: bool) -> None:
    """Add the file's texts where they are not the newest version already.

    A prompt that is new there is in use at once: its text is the one that is in use now. A new
    version of another one is so only with `promote`, because somebody may have edited it there.
    """
    for prompt in known:
        in_use = folder.find(prompt.name, folder.label)
        newest = folder.find(prompt.name, "latest")
        if in_use is not None and in_use.text == prompt.managed_text:
            print(f"{prompt.name}: version {in_use.version} is the file's text, and in use")
        elif newest is not None and newest.text == prompt.managed_text and not promote:
            print(f"{prompt.name}: version {newest.version} is the file's text, and not in use")
        elif promote or newest is None:
            number = folder.add(prompt, [folder.label])
            print(f"{prompt.name}: added as version {number}, in use ({folder.label})")
        else:
            number = folder.add(prompt, [])
            print(f"{prompt.name}: added as version {number}, not in use yet (see --promote)")


def _print_difference(prompt: FilePrompt, version: PromptVersion) -> None:
    fault = fault_of(version, prompt.placeholders)
    used = f"not used, it {fault}" if fault else "in use"
    print(f"{prompt.name}: version {version.version} differs from the file ({used})")
    lines = difflib.unified_diff(
        prompt.managed_text.splitlines(),
        version.text.splitlines(),
        "prompts.py",
        f"version {version.version}",
        lineterm="",
        n=1,
    )
    print("\n".join(f"  {line}" for line in lines))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 1 if something differs or failed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.prompts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("diff", help="show how the versions in use differ from prompts.py")
    pushing = commands.add_parser("push", help="add the texts of prompts.py to Langfuse")
    pushing.add_argument(
        "--promote",
        action="store_true",
        help="have the bots use them, also where others are in use",
    )
    options = parser.parse_args(arguments)
    known = file_prompts(vars(prompts))
    try:
        folder = ManagedFolder(load_settings(OwnerSettings))
        if options.command == "diff":
            return 1 if diff(folder, known) else 0
        push(folder, known, promote=options.promote)
    except (SettingsError, PromptsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
