"""The prompts of prompts.py as they are, where none are managed at Langfuse."""

from typing import TYPE_CHECKING

from app.core.ports.prompts import Prompts

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class FilePrompts(Prompts):
    """Puts nothing in their place."""

    def applied_to(self, chat_model: "BaseChatModel") -> "BaseChatModel":
        return chat_model

    def keep_fresh(self) -> None:
        return

    async def stop(self) -> None:
        return
