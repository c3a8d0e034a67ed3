"""The bots' page docs/costs.md: its amounts follow from the numbers that stand on it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jinja2.sandbox import SandboxedEnvironment

import cloudformation
from rendering import render
from variants import choices

LANGUAGES = choices("language")
EVERYTHING = {"channels": ["websocket", "rest", "whatsapp"]}
BOTS: dict[str, dict[str, Any]] = {
    "docker": {"deployment": "docker"},
    "docker-whatsapp": {"deployment": "docker", "channels": ["whatsapp"], "tracing": False},
    "ecs": {"deployment": "ecs", **EVERYTHING},
    "ecs-websocket": {"deployment": "ecs", "channels": ["websocket"], "tracing": False},
    "lambda": {"deployment": "lambda", **EVERYTHING, "graph_preset": "sales"},
    "lambda-rest": {"deployment": "lambda", "channels": ["rest"]},
    "lambda-whatsapp": {"deployment": "lambda", "channels": ["whatsapp"]},
    "haiku": {"aws_region": "sa-east-1", "bedrock_model": "global.anthropic.claude-haiku-5-5"},
    "nova": {"bedrock_model": "us.amazon.nova-pro-v1:0"},
    "unknown": {"deployment": "lambda", "bedrock_model": "mistral.mistral-large-2402-v1:0"},
}

STACKS = [name for name, answers in BOTS.items() if answers.get("deployment") in ("ecs", "lambda")]
# Application Auto Scaling makes them, for growing and for shrinking.
ALARMS_OF_A_SCALING_POLICY = 2

Table = list[list[str]]


@dataclass(frozen=True)
class Page:
    """A rendered page: its text, and its tables without their heads."""

    text: str
    language: str
    bot: Path

    def tables(self, columns: int) -> list[Table]:
        """Return the tables that have this many columns."""
        found = re.findall(r"^\|[-|]+\|\n((?:\|.*\n)+)", self.text, re.M)
        rows = [[_cells(line) for line in table.splitlines()] for table in found]
        return [table for table in rows if len(table[0]) == columns]

    def amount_tables(self) -> list[Table]:
        """Return those of what, arithmetic, quantity, price, for how many, USD and source."""
        return self.tables(7)

    def amount_lines(self) -> Iterator[list[str]]:
        for table in self.amount_tables():
            yield from table[:-1]

    def assumptions(self) -> dict[str, float]:
        (table,) = [t for t in self.tables(3) if t[0][0] == "`calls`"]
        return {name.strip("`"): self.number(value) for name, value, _ in table}

    def model_table(self) -> Table:
        (table,) = [table for table in self.tables(6) if table[0][0].startswith("`")]
        return table

    def sources(self) -> dict[str, str]:
        (table,) = [t for t in self.tables(3) if t[0][0] == "Bedrock"]
        return {name: page for name, page, _ in table}

    def number(self, cell: str) -> float:
        text = cell.strip("*")
        if self.language == "pt-BR":
            text = text.translate(str.maketrans(",.", ".,"))
        return float(text.replace(",", ""))


@pytest.fixture(scope="module")
def pages(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Page]:
    """The page of every bot above in every language."""
    folder = tmp_path_factory.mktemp("costs")
    rendered = {}
    for name, answers in BOTS.items():
        for language in LANGUAGES:
            bot = render(template, folder / name / language, {**answers, "language": language})
            text = (bot / "docs/costs.md").read_text("utf-8")
            rendered[name, language] = Page(text, language, bot)
    return rendered


@pytest.fixture(params=[(name, language) for name in BOTS for language in LANGUAGES], ids="-".join)
def page(request: pytest.FixtureRequest, pages: dict[tuple[str, str], Page]) -> Page:
    return pages[request.param]


def test_quantities_follow_from_the_assumptions(page: Page) -> None:
    names = page.assumptions()

    for what, arithmetic, quantity, *_ in page.amount_lines():
        assert _calculated(arithmetic, names) == pytest.approx(page.number(quantity)), what


def test_amounts_follow_from_quantities_and_prices(page: Page) -> None:
    for what, _, quantity, price, per, amount, _ in page.amount_lines():
        exact = page.number(quantity) * page.number(price) / page.number(per)
        assert page.number(amount) == pytest.approx(exact, abs=_half_a_digit(amount)), what


def test_sums_are_those_of_the_lines_above(page: Page) -> None:
    for table in page.amount_tables():
        *lines, total = table
        exact = sum(
            page.number(q) * page.number(p) / page.number(per) for _, _, q, p, per, *_ in lines
        )
        assert page.number(total[5]) == pytest.approx(exact, abs=_half_a_digit(total[5])), total[0]


def test_the_page_begins_with_its_sums(page: Page) -> None:
    sums = {table[-1][0].strip("*"): page.number(table[-1][5]) for table in page.amount_tables()}
    every_turn = next(iter(sums.values()))
    (idle, amount), *channels = page.tables(2)[0]

    assert page.number(amount) == sums["Idle" if page.language == "en" else "Parado"], idle
    for text, amount in channels:
        channel = text.split(", ")[1]
        expected = every_turn + sums.get(channel, 0)
        assert page.number(amount) == pytest.approx(expected, abs=0.011), channel


def test_services_of_other_sizes_differ_by_what_they_have_more(
    pages: dict[tuple[str, str], Page],
) -> None:
    page = pages["ecs", "en"]
    price = {line[0]: page.number(line[3]) for line in page.amount_lines()}
    vcpu, memory = price["Fargate: hours of a vCPU"], price["Fargate: hours of a GB of memory"]
    address = price["public IPv4 addresses: hours"]
    (gateway,) = re.findall(r"A gateway costs (\S+) an hour", page.text)
    (sizes,) = [table for table in page.tables(6) if table != page.model_table()]
    hourly = []
    for line in sizes:
        tasks, cpus, gigabytes, gateways, addresses, amount = map(page.number, line)
        own = tasks * (cpus * vcpu + gigabytes * memory) + addresses * address
        hourly.append(amount - 730 * (own + gateways * float(gateway)))

    assert hourly == pytest.approx([hourly[0]] * len(sizes), abs=0.02)


@pytest.mark.parametrize("name", STACKS)
def test_the_page_counts_the_alarms_of_the_stack(
    name: str, pages: dict[tuple[str, str], Page]
) -> None:
    page = pages[name, "en"]
    stack = cloudformation.load((page.bot / "cloudformation/stack.yaml").read_text("utf-8"))
    types = Counter(resource["Type"] for resource in stack["Resources"].values())
    policies = types["AWS::ApplicationAutoScaling::ScalingPolicy"]

    alarms = types["AWS::CloudWatch::Alarm"] + ALARMS_OF_A_SCALING_POLICY * policies
    assert page.assumptions()["alarms"] == alarms


def test_models_are_compared_by_the_same_assumptions(page: Page) -> None:
    names = page.assumptions()
    (formula,) = re.findall(r"```text\n(.+?)\n```", page.text, re.S)
    models = page.model_table()

    for model, *prices, amount in models:
        named = zip(("input", "write", "read", "output"), map(page.number, prices), strict=True)
        exact = _calculated(" ".join(formula.split()), {**names, **dict(named)})
        assert page.number(amount) == pytest.approx(exact, abs=_half_a_digit(amount)), model


def test_every_price_has_a_source_and_no_source_is_idle(page: Page) -> None:
    named = {line[-1] for line in page.amount_lines()}

    assert page.sources().keys() == named | {"Bedrock"}
    assert all(re.fullmatch(r"<https://\S+>", address) for address in page.sources().values())


@pytest.mark.parametrize("name", BOTS)
def test_all_languages_tell_the_same_amounts(name: str, pages: dict[tuple[str, str], Page]) -> None:
    told = [
        [[page.number(cell) for cell in line[2:6]] for line in page.amount_lines()]
        + [page.number(line[1]) for line in page.tables(2)[0]]
        + [page.number(cell) for table in page.tables(6) for line in table for cell in line[1:]]
        for page in (pages[name, language] for language in LANGUAGES)
    ]

    assert all(first == second for first, second in pairwise(told))


def test_a_model_whose_price_is_not_known_is_left_out_of_the_sums(
    pages: dict[tuple[str, str], Page],
) -> None:
    page = pages["unknown", "en"]

    assert "Bedrock" not in {line[-1] for line in page.amount_lines()}
    assert "without the model" in page.text


def test_claude_in_one_geography_costs_a_tenth_more_than_by_the_global_profile(
    pages: dict[tuple[str, str], Page],
) -> None:
    page = pages["docker", "en"]
    costs = {line[0].strip("`"): page.number(line[1]) for line in page.model_table()}

    regional, worldwide = (costs[f"{p}.anthropic.claude-sonnet-5-5"] for p in ("us", "global"))
    assert regional == pytest.approx(1.1 * worldwide)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _calculated(arithmetic: str, names: dict[str, float]) -> float:
    """Do the arithmetic of a page; its signs are those of print."""
    expression = arithmetic.translate(str.maketrans("×÷−", "*/-"))
    value: Any = SandboxedEnvironment().compile_expression(expression)(**names)
    return float(value)


def _half_a_digit(amount: str) -> float:
    """Return by how much rounding may have changed a printed amount, and a bit."""
    places = len(re.split(r"[.,]", amount.strip("*"))[-1])
    return 0.501 * 10.0**-places
