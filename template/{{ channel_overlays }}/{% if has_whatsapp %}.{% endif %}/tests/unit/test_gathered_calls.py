"""What shares a request, and who is told how it ended."""

import asyncio
from collections.abc import Sequence

import pytest

from infra.aws.gathered_calls import GatheredCalls
from tests.support.waiting import eventually


class Requests:
    """Takes requests, and lets each end when the test says."""

    def __init__(self) -> None:
        self.begun: list[list[int]] = []
        self._ends: list[asyncio.Future[None]] = []

    async def call(self, parts: Sequence[int]) -> None:
        self.begun.append(list(parts))
        self._ends.append(asyncio.get_running_loop().create_future())
        await self._ends[-1]

    async def are(self, number: int) -> None:
        """Wait until so many have begun."""
        await eventually(lambda: len(self.begun) >= number)

    def end(self, number: int, failure: Exception | None = None) -> None:
        if failure is None:
            self._ends[number].set_result(None)
        else:
            self._ends[number].set_exception(failure)


async def ask(calls: GatheredCalls[int], *parts: int) -> list[asyncio.Task[None]]:
    asked = [asyncio.create_task(calls.make(part)) for part in parts]
    await asyncio.sleep(0)
    return asked


async def test_one_after_the_other_each_has_a_request_of_its_own() -> None:
    requests = Requests()
    calls = GatheredCalls(requests.call, most=10)
    for number in range(3):
        (asked,) = await ask(calls, number)
        await requests.are(number + 1)
        requests.end(number)
        await asked
    assert requests.begun == [[0], [1], [2]]


async def test_while_two_are_on_their_way_the_others_are_gathered() -> None:
    requests = Requests()
    calls = GatheredCalls(requests.call, most=3)
    asked = await ask(calls, *range(9))
    for number in range(5):
        await requests.are(number + 1)
        requests.end(number)
    await asyncio.gather(*asked)
    assert requests.begun == [[0], [1], [2, 3, 4], [5, 6, 7], [8]]


async def test_a_failure_is_told_to_those_who_shared_the_request() -> None:
    requests = Requests()
    calls = GatheredCalls(requests.call, most=10)
    asked = await ask(calls, *range(4))
    await requests.are(2)
    requests.end(0)
    await requests.are(3)
    requests.end(1)
    requests.end(2, OSError("away"))
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(outcome) for outcome in told] == ["None", "None", "away", "away"]


async def test_whoever_gives_up_stops_nobody_elses_request() -> None:
    requests = Requests()
    calls = GatheredCalls(requests.call, most=10)
    first, second, third, fourth = await ask(calls, *range(4))
    await requests.are(2)
    first.cancel()
    third.cancel()
    requests.end(0)
    requests.end(1)
    await requests.are(3)
    requests.end(2)
    await asyncio.gather(second, fourth)
    with pytest.raises(asyncio.CancelledError):
        await third
