"""What monitoring/ and docs/operate.md name is what /metrics has, after all that a bot can be asked."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from infra.dynamodb.dynamodb_client import DynamoDBClient
from tests.conftest import StartBot
from tests.support.bedrock_fake import BedrockFake
from tests.support.bot_folder import BOT_FOLDER
from tests.support.private_words import PRIVATE_WORDS
from tests.support.private_work import bot_at_work

DASHBOARD = BOT_FOLDER / "monitoring" / "dashboard.json"
ALERTS = BOT_FOLDER / "monitoring" / "alerts.yml"
MANUAL = (BOT_FOLDER / "docs" / "operate.md").read_text("utf-8")

_METRIC = re.compile(r"\bchatbot_[a-z_]+[a-z]")
_OF_A_HISTOGRAM = re.compile(r"_(?:bucket|count|sum)$")
# When a series began, as the client library adds it to each.
_BEGINNING = "_created"


@pytest.fixture
async def exposition(
    start_bot: StartBot, dynamodb: DynamoDBClient, bedrock: BedrockFake
) -> AsyncIterator[str]:
    """What /metrics says once every channel was used, rightly and wrongly."""
    async with (
        bot_at_work(start_bot, dynamodb, bedrock) as bot,
        httpx.AsyncClient(base_url=bot.url) as http,
    ):
        yield (await http.get("/metrics")).text


def served(exposition: str) -> set[str]:
    """Return the names under which Prometheus has the metrics, of histograms the common one."""
    names = set()
    for family in text_string_to_metric_families(exposition):
        if _METRIC.match(family.name) and not family.name.endswith(_BEGINNING):
            names.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return names


def named_in(text: str) -> set[str]:
    return {_OF_A_HISTOGRAM.sub("", name) for name in _METRIC.findall(text)}


async def test_the_bot_has_every_metric_that_is_named_and_names_every_one_it_has(
    exposition: str,
) -> None:
    metrics = served(exposition)
    assert named_in(DASHBOARD.read_text("utf-8")) - metrics == set()
    assert named_in(ALERTS.read_text("utf-8")) - metrics == set()
    assert named_in(MANUAL) == metrics
    assert [word for word in PRIVATE_WORDS if word in exposition] == []


def test_every_alert_leads_to_its_part_of_the_manual() -> None:
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"][0]["rules"]
    headings = re.findall(r"^### (\w+)$", MANUAL, re.MULTILINE)
    assert [rule["alert"] for rule in rules] == headings
    assert [rule["annotations"]["runbook"] for rule in rules] == [
        f"docs/operate.md#{heading.lower()}" for heading in headings
    ]


def test_the_panels_are_apart_from_each_other() -> None:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids)
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
