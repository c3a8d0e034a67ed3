"""Where the prompts of the conversation come from."""

from typing import TYPE_CHECKING, Protocol

from domain.dto.prompt_version import PromptVersion

if TYPE_CHECKING:
    # For the type alone: it takes longer to import than all the rest of the bot.
    from langchain_core.language_models import BaseChatModel

# Where a message's `response_metadata` tells those who follow the turn which version it is.
PROMPT_VERSION = "prompt_version"


class PromptVersions(Protocol):
    """Knows the newest versions of the prompts, and never waits to know them."""

    def newest(self, name: str) -> PromptVersion | None:
        """Return the newest version of a prompt, None where the file's text counts."""
        ...

    def keep_fresh(self) -> None:
        """Look for newer ones in the background, if it is time."""
        ...

    async def stop(self) -> None:
        """Look for them no more."""
        ...


class Prompts(Protocol):
    """The prompts of prompts.py, or their managed versions."""

    def applied_to(self, chat_model: "BaseChatModel") -> "BaseChatModel":
        """Return the model as the nodes call it: it is asked with these prompts."""
        ...

    def keep_fresh(self) -> None:
        """See to it, without waiting, that the newest versions are known soon."""
        ...

    async def stop(self) -> None:
        """Look for no newer versions any more."""
        ...
