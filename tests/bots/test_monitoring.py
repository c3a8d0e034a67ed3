"""What a bot has for Prometheus and Grafana, loaded into Prometheus: `nox -s bots -- -k monitoring`."""

import json
import math
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from bot_environment import PYTHON
from prometheus import Prometheus, promtool, running_prometheus
from rendering import render
from variants import ROOT

JOB = "meu-chatbot"
ALL = {"channels": ["websocket", "rest", "whatsapp"], "language": "en"}
OTHERS = {
    "rest": {"channels": ["rest"], "deployment": "ecs", "tracing": False},
    "whatsapp": {"channels": ["whatsapp"], "graph_preset": "sales"},
    "sockets": {"channels": ["websocket"], "language": "en", "project_name": "Olá, d'Ávila & cia."},
}
# The bot is busy, and looked at every second; that each expression has data may take a while.
PATIENCE_SECONDS = 120
LIMIT_SECONDS = 300

# What has to happen, minute by minute, for an alert to fire, and when it is to have fired.
INCIDENTS: dict[str, tuple[Mapping[str, str], str]] = {
    "ChatbotDown": ({"up": "0x60"}, "5m"),
    "ChatbotTurnsFail": (
        {
            'chatbot_errors_total{channel="rest", code="storage_unavailable"}': "0+1x60",
            'chatbot_turns_total{channel="rest", outcome="answered"}': "0+10x60",
        },
        "15m",
    ),
    "ChatbotModelFails": (
        {
            'chatbot_model_calls_total{node="respond", outcome="model_throttled"}': "0+2x60",
            'chatbot_model_calls_total{node="respond", outcome="answered"}': "0+10x60",
        },
        "15m",
    ),
    "ChatbotAnswersBeginLate": (
        {
            'chatbot_turn_first_token_seconds_bucket{channel="rest", le="8"}': "0+8x60",
            'chatbot_turn_first_token_seconds_bucket{channel="rest", le="15"}': "0+10x60",
            'chatbot_turn_first_token_seconds_bucket{channel="rest", le="+Inf"}': "0+10x60",
        },
        "25m",
    ),
    "ChatbotTurnsAreSlow": (
        {
            'chatbot_turn_seconds_bucket{channel="rest", le="30"}': "0+8x60",
            'chatbot_turn_seconds_bucket{channel="rest", le="60"}': "0+10x60",
            'chatbot_turn_seconds_bucket{channel="rest", le="+Inf"}': "0+10x60",
        },
        "25m",
    ),
    "ChatbotTableAway": (
        {'chatbot_dynamodb_requests_total{operation="Query", outcome="unavailable"}': "0+1x60"},
        "15m",
    ),
    "ChatbotTableThrottled": (
        {'chatbot_dynamodb_requests_total{operation="Query", outcome="throttled"}': "0+90x60"},
        "20m",
    ),
    "ChatbotPeopleRefused": (
        {'chatbot_errors_total{channel="rest", code="rate_limited"}': "0+9x60"},
        "40m",
    ),
    "ChatbotCostsMuch": ({'chatbot_model_cost_dollars_total{model="m"}': "0+0.2x60"}, "60m"),
    "ChatbotPriceUnknown": (
        {'chatbot_model_calls_without_price_total{model="m"}': "0+1x60"},
        "10m",
    ),
    "ChatbotUserWaitsForOperator": ({"chatbot_tickets_oldest_wait_seconds": "0+60x60"}, "40m"),
    "ChatbotSocketsFull": (
        {'chatbot_sockets_refused_total{code="too_many_connections"}': "0+1x60"},
        "15m",
    ),
    "ChatbotWhatsAppWaits": ({"chatbot_whatsapp_oldest_wait_seconds": "0+60x60"}, "10m"),
    "ChatbotWhatsAppUndelivered": (
        {'chatbot_whatsapp_undelivered_total{code="131026"}': "0+1x60"},
        "20m",
    ),
}
# A day like others: some refusals, some cancelled turns, an operator within minutes.
CALM = {
    "up": "1x90",
    'chatbot_errors_total{channel="rest", code="rate_limited"}': "0+1x90",
    'chatbot_errors_total{channel="rest", code="model_timeout"}': "0 0 1x88",
    'chatbot_turns_total{channel="rest", outcome="answered"}': "0+20x90",
    'chatbot_turns_total{channel="rest", outcome="cancelled"}': "0+5x90",
    'chatbot_model_calls_total{node="respond", outcome="answered"}': "0+30x90",
    'chatbot_model_calls_total{node="respond", outcome="model_timeout"}': "0 0 1x88",
    'chatbot_turn_first_token_seconds_bucket{channel="rest", le="4"}': "0+20x90",
    'chatbot_turn_first_token_seconds_bucket{channel="rest", le="+Inf"}': "0+20x90",
    'chatbot_turn_seconds_bucket{channel="rest", le="15"}': "0+20x90",
    'chatbot_turn_seconds_bucket{channel="rest", le="+Inf"}': "0+20x90",
    'chatbot_dynamodb_requests_total{operation="Query", outcome="condition_failed"}': "0+9x90",
    'chatbot_model_cost_dollars_total{model="m"}': "0+0.05x90",
    "chatbot_tickets_oldest_wait_seconds": "0+60x10 0x80",
    "chatbot_whatsapp_oldest_wait_seconds": "20x90",
    'chatbot_whatsapp_undelivered_total{code="131026"}': "0+0.1x90",
    'chatbot_sockets_refused_total{code="unauthorized"}': "0+1x90",
}


@pytest.fixture(scope="module")
def bot(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(template, tmp_path_factory.mktemp("monitoring") / "bot", ALL)


def rules_of(bot: Path) -> list[dict[str, Any]]:
    text = (bot / "monitoring" / "alerts.yml").read_text("utf-8")
    ((group),) = yaml.safe_load(text)["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def dashboard_of(bot: Path) -> dict[str, Any]:
    text = (bot / "monitoring" / "dashboard.json").read_text("utf-8")
    dashboard: dict[str, Any] = json.loads(text)
    return dashboard


def expressions_of(bot: Path) -> dict[str, str]:
    """Return the expressions of the dashboard by the title of the panel and their own letter."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard_of(bot)["panels"]
        for target in panel.get("targets", ())
    }


def test_each_incident_fires_its_alert_alone_and_a_calm_day_none(bot: Path, tmp_path: Path) -> None:
    assert [rule["alert"] for rule in rules_of(bot)] == list(INCIDENTS)
    firing = 'count by (alertname) (ALERTS{alertstate="firing"})'
    cases = [
        unit_test(
            {"up": "1x60", **series},
            [(firing, when, [{"labels": f'{{alertname="{alert}"}}', "value": 1}])],
        )
        for alert, (series, when) in INCIDENTS.items()
    ]
    times = [f"{minutes}m" for minutes in range(1, 90, 4)]
    cases.append(unit_test(CALM, [(firing, when, []) for when in times]))
    file = tmp_path / "incidents.yml"
    rules = str(bot / "monitoring" / "alerts.yml")
    file.write_text(yaml.safe_dump({"rule_files": [rules], "tests": cases}), "utf-8")
    promtool("test", "rules", file.name, folder=tmp_path)


def unit_test(
    series: Mapping[str, str], expectations: list[tuple[str, str, list[dict[str, Any]]]]
) -> dict[str, Any]:
    """Return a test as promtool takes it."""
    return {
        "interval": "1m",
        "input_series": [
            {"series": of_the_job(name), "values": values} for name, values in series.items()
        ],
        "promql_expr_test": [
            {"expr": expression, "eval_time": when, "exp_samples": samples}
            for expression, when, samples in expectations
        ],
    }


def of_the_job(series: str) -> str:
    name, _, labels = series.partition("{")
    return f'{name}{{job="{JOB}", {labels.rstrip("}")}}}' if labels else f'{name}{{job="{JOB}"}}'


@pytest.mark.parametrize("answers", [ALL, *OTHERS.values()], ids=["all", *OTHERS])
def test_prometheus_and_grafana_understand_the_files_of_every_kind_of_bot(
    template: Path, answers: dict[str, Any], tmp_path: Path
) -> None:
    bot = render(template, tmp_path / "bot", answers)
    promtool("check", "config", "monitoring/prometheus.yml", folder=bot)
    named = {"websocket": "WebSocket", "rest": "Turn", "whatsapp": "WhatsApp"}
    rows = [panel["title"] for panel in dashboard_of(bot)["panels"] if panel["type"] == "row"]
    absent = set(named) - set(answers["channels"])
    assert [row for row in rows if row in {named[channel] for channel in absent}] == []
    assert lost_to_grafana(dashboard_of(bot)) == []


def test_what_grafana_does_not_know_would_be_noticed(bot: Path) -> None:
    dashboard = dashboard_of(bot)
    dashboard["panels"][1]["titel"] = dashboard["panels"][1].pop("title")
    dashboard["panels"][1]["targets"][0]["exprs"] = "1"
    assert len(lost_to_grafana(dashboard)) == 2


def lost_to_grafana(dashboard: dict[str, Any]) -> list[str]:
    """Return the places of what Grafana's own model of a dashboard does not keep as it is."""
    plugins.register_default_plugins()
    kept = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
    return list(_differences(dashboard, kept, ""))


def _differences(written: Any, kept: Any, place: str) -> Iterator[str]:
    if isinstance(written, dict) and isinstance(kept, dict):
        for name, value in written.items():
            yield from _differences(value, kept.get(name), f"{place}.{name}")
    elif isinstance(written, list) and isinstance(kept, list) and len(written) == len(kept):
        for number, (one, other) in enumerate(zip(written, kept, strict=True)):
            yield from _differences(one, other, f"{place}[{number}]")
    elif written != kept:
        yield place


def test_every_expression_finds_its_data_in_a_busy_bot(bot: Path, tmp_path: Path) -> None:
    with busy(bot, tmp_path / "aws") as url:
        configuration = tmp_path / "prometheus.yml"
        written = (bot / "monitoring" / "prometheus.yml").read_text("utf-8")
        configuration.write_text(
            written.replace("127.0.0.1:8181", url.removeprefix("http://")).replace("15s", "1s"),
            "utf-8",
        )
        (tmp_path / "alerts.yml").write_bytes((bot / "monitoring" / "alerts.yml").read_bytes())
        with running_prometheus(configuration, tmp_path / "storage") as prometheus:
            missing = expressions_of(bot)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while missing and time.monotonic() < deadline:
                time.sleep(1)
                missing = {k: v for k, v in missing.items() if not has_data(prometheus, v)}
            assert missing == {}
            (group,) = prometheus.get("rules", type="alert")["groups"]
            health = {rule["name"]: rule["health"] for rule in group["rules"]}
            assert health == {rule["alert"]: "ok" for rule in rules_of(bot)}
            (target,) = prometheus.get("targets", state="active")["activeTargets"]
            assert target["health"] == "up", target["lastError"]
            print(f"/metrics took {target['lastScrapeDuration'] * 1000:.1f} ms")


def has_data(prometheus: Prometheus, expression: str) -> bool:
    """Tell whether what Grafana would ask has a number for an answer."""
    asked = expression.replace("$job", JOB).replace("$__rate_interval", "10s")
    return any(not math.isnan(float(series["value"][1])) for series in prometheus.query(asked))


@contextmanager
def busy(bot: Path, state: Path) -> Iterator[str]:
    """Run the bot with something to do; yields its address."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [str(PYTHON), str(ROOT / "tests" / "busy_bot.py"), str(state)],
        cwd=bot,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    try:
        assert url.startswith("http://"), "the bot did not start; its error is in the output"
        yield url
    finally:
        process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 0, "the bot's work failed; its error is in the output"
