"""Prompts that are managed elsewhere take the place of those in prompts.py, message by message.

The nodes use the constants of prompts.py as if there were nothing else: where a message says what
such a constant says, the model is asked with the managed version of it.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
)
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.tools import BaseTool
from pydantic import Field

from app.core.ports.prompts import PROMPT_VERSION, Prompts, PromptVersions
from domain.dto.prompt_version import PromptVersion
from domain.prompt_text import FilePrompt


class ManagedPrompts(Prompts):
    """The prompts of the file, in their newest versions."""

    def __init__(self, prompts: Sequence[FilePrompt], versions: PromptVersions) -> None:
        self._versions = versions
        self._names = {prompt.text: prompt.name for prompt in prompts}
        self._patterns = [(p.name, p.pattern()) for p in prompts if p.placeholders]

    def applied_to(self, chat_model: BaseChatModel) -> BaseChatModel:
        return _PromptedModel(model=chat_model, prompts=self)

    def newest(self, name: str) -> PromptVersion | None:
        """Return the version of a prompt that is in use, None where it is the file's text."""
        return self._versions.newest(name)

    def keep_fresh(self) -> None:
        self._versions.keep_fresh()

    async def stop(self) -> None:
        await self._versions.stop()

    def in_place(self, asked: LanguageModelInput) -> LanguageModelInput:
        """Return what the model is asked, with the newest version of each prompt in it."""
        if isinstance(asked, str) or not isinstance(asked, Sequence):
            return asked
        return [self._newest(m) if isinstance(m, BaseMessage) else m for m in asked]

    def _newest(self, message: BaseMessage) -> BaseMessage:
        # What people wrote has an id of the table, what a node words has none.
        if message.id is not None or not isinstance(message, SystemMessage | HumanMessage):
            return message
        found = self._found(message.text)
        if found is None:
            return message
        version, text = found
        return message.model_copy(
            update={"content": text, "response_metadata": {PROMPT_VERSION: version}}
        )

    def _found(self, text: str) -> tuple[PromptVersion, str] | None:
        if name := self._names.get(text):
            version = self._versions.newest(name)
            return None if version is None else (version, version.fill(_unfilled(version)))
        for name, pattern in self._patterns:
            if filled := pattern.fullmatch(text):
                version = self._versions.newest(name)
                return None if version is None else (version, version.fill(filled.groupdict()))
        return None


def _unfilled(version: PromptVersion) -> dict[str, str]:
    """Return what leaves the placeholders as prompts.py writes them: nobody filled them in."""
    return {name: f"{{{name}}}" for name in version.placeholders}


class _PromptedModel(BaseChatModel):
    """A chat model that is asked with the newest prompts, however a node calls it."""

    model: BaseChatModel
    prompts: ManagedPrompts = Field(exclude=True)

    @property
    def _llm_type(self) -> str:
        return self.model._llm_type

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("the bot calls its model with `ainvoke` or `astream`")

    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        return await self.model.ainvoke(self.prompts.in_place(input), config, stop=stop, **kwargs)

    async def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        asked = self.prompts.in_place(input)
        async for chunk in self.model.astream(asked, config, stop=stop, **kwargs):
            yield chunk

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        return _Prompted(self.model.bind_tools(tools, **kwargs), self.prompts)

    def with_structured_output(
        self, schema: dict[str, Any] | type, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        return _Prompted(self.model.with_structured_output(schema, **kwargs), self.prompts)


class _Prompted(Runnable[LanguageModelInput, Any]):
    """What a model is bound to, asked with the newest prompts."""

    def __init__(self, bound: Runnable[LanguageModelInput, Any], prompts: ManagedPrompts) -> None:
        self._bound = bound
        self._prompts = prompts

    def invoke(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Any:
        return self._bound.invoke(self._prompts.in_place(input), config, **kwargs)

    async def ainvoke(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Any:
        return await self._bound.ainvoke(self._prompts.in_place(input), config, **kwargs)

    async def astream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        asked = self._prompts.in_place(input)
        async for chunk in self._bound.astream(asked, config, **kwargs):
            yield chunk
