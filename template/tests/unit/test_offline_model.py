import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from pydantic import BaseModel

from app.core.service.llm.offline_chat_service import OfflineChatService, OfflineScript

CONVERSATION = [HumanMessage("one two three")]


class Wish(BaseModel):
    """What somebody wants."""

    thing: str
    count: int


def parrot(messages: Sequence[BaseMessage]) -> str:
    return f"You said:\n\n  {messages[-1].text}  – ok?"


def count_words(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    words = messages[-1].text.split()
    return {"thing": words[0], "count": len(words)}


SCRIPT = OfflineScript(parrot, {"Wish": count_words})


@pytest.fixture
def model() -> BaseChatModel:
    return OfflineChatService(SCRIPT, pause_seconds=0).chat_model()


async def streamed(model: BaseChatModel) -> list[AIMessageChunk]:
    return [chunk async for chunk in model.astream(CONVERSATION)]


async def test_the_answer_is_the_scripts_however_it_is_asked_for(model: BaseChatModel) -> None:
    expected = parrot(CONVERSATION)
    assert model.invoke(CONVERSATION).text == expected
    assert (await model.ainvoke(CONVERSATION)).text == expected
    assert "".join(chunk.text for chunk in await streamed(model)) == expected


async def test_a_streamed_answer_comes_word_by_word(model: BaseChatModel) -> None:
    words = [chunk.text for chunk in await streamed(model) if chunk.text]
    assert words == ["You ", "said:\n\n  ", "one ", "two ", "three  ", "– ", "ok?"]


async def test_a_schema_is_filled_in_as_the_script_says(model: BaseChatModel) -> None:
    structured = model.with_structured_output(Wish)
    assert structured.invoke(CONVERSATION) == Wish(thing="one", count=3)
    assert await structured.ainvoke(CONVERSATION) == Wish(thing="one", count=3)


async def test_words_are_counted_as_tokens(model: BaseChatModel) -> None:
    usage = (await model.ainvoke(CONVERSATION)).usage_metadata
    assert usage == {"input_tokens": 3, "output_tokens": 7, "total_tokens": 10}
    usages = [chunk.usage_metadata for chunk in await streamed(model) if chunk.usage_metadata]
    assert usages == [usage]


async def test_the_reading_pace_blocks_nobody() -> None:
    model = OfflineChatService(SCRIPT, pause_seconds=0.05).chat_model()
    started = time.monotonic()
    await asyncio.gather(*(model.ainvoke(CONVERSATION) for _ in range(20)))
    # One after the other they would take 7 s.
    assert 0.3 < time.monotonic() - started < 5
