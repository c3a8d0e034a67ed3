import asyncio
from itertools import groupby

import pytest

from app.core.service.chat.turnstile import Turnstile


@pytest.fixture
def turnstile() -> Turnstile:
    return Turnstile()


async def test_a_crowd_passes_in_its_order_and_leaves_room_for_others(turnstile: Turnstile) -> None:
    crowd = [str(number) for number in range(30)]
    seen: list[str] = []

    async def pass_as(name: str) -> None:
        await turnstile.pass_through()
        seen.append(name)

    def is_over() -> bool:
        return set(crowd) <= set(seen)

    async def do_something_else() -> None:
        while not is_over():
            await asyncio.sleep(0)
            seen.append("else")

    async with asyncio.TaskGroup() as group:
        for name in crowd:
            group.create_task(pass_as(name))
        group.create_task(do_something_else())

    assert [name for name in seen if name != "else"] == crowd
    together = [len(list(names)) for name, names in groupby(seen, "else".__ne__) if name]
    assert max(together) <= 3


async def test_who_gives_up_waiting_holds_nobody_up(turnstile: Turnstile) -> None:
    crowd = [asyncio.create_task(turnstile.pass_through()) for _ in range(20)]
    await asyncio.sleep(0)
    for impatient in crowd[:10]:
        impatient.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(*crowd[10:])
        await turnstile.pass_through()
    assert all(impatient.cancelled() for impatient in crowd[:10])
