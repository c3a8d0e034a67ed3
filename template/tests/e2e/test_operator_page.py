"""The operators' page as a browser receives it: what is served, and that it is whole."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotInside, BotsInside
from tests.support.page_files import PageFiles

PAGE = PageFiles(BOT_FOLDER / "interface" / "operator" / "static", "/operator/page/")


@pytest.fixture(scope="module")
def operators_bot(bots: BotsInside) -> Iterator[BotInside]:
    with bots.of_its_own(LLM_PROVIDER="offline", OPERATOR_API_KEYS="a-key:Rita") as bot:
        yield bot


async def test_everything_the_page_refers_to_is_served_and_nothing_is_left_over(
    operators_bot: BotInside,
) -> None:
    seen: set[str] = set()
    waiting = {"/operator"}
    async with httpx.AsyncClient(base_url=operators_bot.url) as client:
        while waiting:
            path = waiting.pop()
            seen.add(path)
            response = await client.get(path)
            assert response.status_code == 200, path
            assert "default-src 'none'" in response.headers["content-security-policy"]
            waiting |= PAGE.references(response.text) - seen

    assert seen == {"/operator"} | {f"/operator/page/{name}" for name in PAGE.names}


def test_the_files_fit_together_and_their_policy() -> None:
    assert PAGE.blocked_by_policy() == []
    assert PAGE.unsafe_calls() == []
    assert PAGE.texts_not_both_written_and_used() == set()
    assert PAGE.elements_not_on_the_page() == set()
    assert PAGE.names_not_exported() == set()


def test_every_control_has_a_name_for_screen_readers() -> None:
    # A row of the list is named by what a module writes into it.
    nameless = PAGE.controls_without_a_name(frozenset({"ticket"}))

    assert nameless == []
