"""Pieces of an answer that travel together."""

import asyncio

import pytest

from domain.dto.events import TokenEvent
from interface.aws_lambda import token_batches
from interface.aws_lambda.token_batches import TokenBatches


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same behaviour in less time."""
    monkeypatch.setattr(token_batches, "JOIN_SECONDS", 0.02)


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def batches(sent: list[str]) -> TokenBatches:
    async def send(token: TokenEvent) -> None:
        sent.append(token.delta)

    return TokenBatches(send)


async def test_the_first_piece_goes_at_once_and_the_next_ones_together(
    batches: TokenBatches, sent: list[str]
) -> None:
    for piece in ("a", "b", "c"):
        await batches.add(TokenEvent("msg", piece))
    assert sent == ["a"]
    await asyncio.sleep(0.05)
    assert sent == ["a", "bc"]


async def test_a_piece_after_a_silence_goes_at_once(batches: TokenBatches, sent: list[str]) -> None:
    await batches.add(TokenEvent("msg", "a"))
    await asyncio.sleep(0.05)
    await batches.add(TokenEvent("msg", "b"))
    assert sent == ["a", "b"]


async def test_what_waits_is_sent_before_the_end(batches: TokenBatches, sent: list[str]) -> None:
    for piece in ("a", "b", "c"):
        await batches.add(TokenEvent("msg", piece))
    await batches.finish()
    assert sent == ["a", "bc"]
    await batches.finish()
    assert sent == ["a", "bc"]


async def test_nothing_is_sent_after_a_turn_was_dropped(
    batches: TokenBatches, sent: list[str]
) -> None:
    for piece in ("a", "b"):
        await batches.add(TokenEvent("msg", piece))
    await batches.drop()
    await asyncio.sleep(0.05)
    assert sent == ["a"]


async def test_a_piece_that_cannot_be_sent_ends_the_turn() -> None:
    async def send(token: TokenEvent) -> None:
        if token.delta != "a":
            raise ConnectionError

    batches = TokenBatches(send)
    await batches.add(TokenEvent("msg", "a"))
    await batches.add(TokenEvent("msg", "b"))
    await asyncio.sleep(0.05)
    with pytest.raises(ConnectionError):
        await batches.add(TokenEvent("msg", "c"))
