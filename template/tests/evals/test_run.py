"""A run of the evals from the command line: scores, results, thresholds, and what makes it fail."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals import __main__ as command
from tests.support.bedrock_fake import BedrockFake, Failure, Reply
from tests.support.openai_fake import OpenAiFake

CANNED = "[ministack mock anthropic us.anthropic.claude-sonnet-5-5] reply for prompt#0123abcd"

Evals = Callable[..., int]


@pytest.fixture
def evals(monkeypatch: pytest.MonkeyPatch, bedrock: BedrockFake, tmp_path: Path) -> Evals:
    """Runs the command; its results are in the test's own folder."""

    def run(*arguments: str, provider: str = "bedrock", bedrock_url: str = bedrock.url) -> int:
        monkeypatch.setenv("LLM_PROVIDER", provider)
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock_url)
        monkeypatch.setattr(command, "configure_logs", lambda level: None)
        return command.main(["--results", str(tmp_path), *arguments])

    return run


def results(folder: Path) -> dict[str, Any]:
    """Return what the only run in the folder wrote."""
    (file,) = folder.glob("*.json")
    written: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return written


def test_the_offline_model_makes_a_smoke_test(
    evals: Evals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evals("--limit", "1", provider="offline") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("SMOKE TEST")
    assert "routing" in printed
    assert "completion" in printed
    run = results(tmp_path)
    assert run["model"] == "offline"
    assert len(run["outcomes"]) == 2
    assert not any(outcome["error"] for outcome in run["outcomes"])


@pytest.mark.parametrize(
    ("only", "measures"), [("utterances", {"routing", "slots"}), ("conversations", {"completion"})]
)
def test_one_kind_alone(only: str, measures: set[str], evals: Evals, tmp_path: Path) -> None:
    assert evals("--limit", "1", "--only", only) == 0
    run = results(tmp_path)
    assert len(run["outcomes"]) == 1
    assert {check["measure"] for o in run["outcomes"] for check in o["checks"]} <= measures


def test_a_missed_threshold_fails_the_run(evals: Evals, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--limit", "1", "--only", "conversations")
    assert evals(*arguments, "--min-completion", "0") == 0
    assert evals(*arguments, "--min-completion", "1.1") == 1
    assert "FAILED: completion is " in capsys.readouterr().err


def test_a_measure_that_was_not_taken_reaches_no_threshold(
    evals: Evals, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evals("--limit", "1", "--only", "conversations", "--min-routing", "0.5") == 1
    assert "FAILED: routing was not measured" in capsys.readouterr().err


def test_the_configured_model_is_asked(
    evals: Evals, bedrock: BedrockFake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evals("--limit", "2") == 0
    assert "SMOKE TEST" not in capsys.readouterr().out
    run = results(tmp_path)
    assert set(bedrock.model_ids()) == {run["model"]}
    assert run["model_calls"] == len(bedrock.requests)
    assert run["input_tokens"] == 11 * len(bedrock.requests)


@pytest.mark.parametrize("only", ["utterances", "conversations"])
def test_the_emulators_canned_answer_fails_the_run_and_scores_nothing(
    only: str,
    evals: Evals,
    bedrock: BedrockFake,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bedrock.always(Reply(text=(CANNED[:30], CANNED[30:])))
    assert evals("--only", only) == 1
    assert "MINISTACK_BEDROCK_PROXY_URL" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_case_without_an_answer_is_wrong_and_fails_the_run(
    evals: Evals, bedrock: BedrockFake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.always(Failure("AccessDeniedException", 403))
    assert evals("--limit", "1") == 1
    assert "FAILED: 2 cases had no answer" in capsys.readouterr().err
    for outcome in results(tmp_path)["outcomes"]:
        assert outcome["error"].startswith("ModelRefused")
        assert not any(check["is_right"] for check in outcome["checks"])


def test_an_answer_that_takes_too_long_is_an_error(
    evals: Evals, bedrock: BedrockFake, tmp_path: Path
) -> None:
    bedrock.always(Reply(pause=5))
    arguments = ("--limit", "1", "--only", "conversations", "--timeout", "0.2")
    assert evals(*arguments) == 1
    (outcome,) = results(tmp_path)["outcomes"]
    assert outcome["error"] == "TimeoutError"


def test_a_run_is_compared_with_an_earlier_one(
    evals: Evals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evals("--limit", "3")
    run = results(tmp_path)
    for outcome in run["outcomes"]:
        for check in outcome["checks"]:
            check["is_right"] = not check["is_right"]
    earlier = tmp_path / "earlier" / "run.json"
    earlier.parent.mkdir()
    earlier.write_text(json.dumps(run), "utf-8")
    checks = [check["is_right"] for outcome in run["outcomes"] for check in outcome["checks"]]
    capsys.readouterr()

    evals("--limit", "3", "--compare", str(earlier))

    printed = capsys.readouterr().out
    assert f"in the {len(checks)} checks of both" in printed
    assert f"Better ({checks.count(False)})" in printed
    assert f"Worse ({checks.count(True)})" in printed


def test_what_is_no_result_cannot_be_compared_with(
    evals: Evals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.json").write_text("{}", "utf-8")
    assert evals("--limit", "1", "--compare", str(tmp_path / "notes.json")) == 1
    assert "is no result of these evals" in capsys.readouterr().err


def test_a_local_model_is_asked_through_the_local_aws(
    evals: Evals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = OpenAiFake()
    server.says("Good day.")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOCAL_AWS", "true")
    monkeypatch.setenv("LOCAL_MODEL_URL", server.url)
    monkeypatch.setenv("BEDROCK_MODEL_ID_CHAT", "qwen2.5:3b")
    try:
        evals("--limit", "1", "--only", "conversations", bedrock_url="")
        assert {request["model"] for request in server.asked} == {"qwen2.5:3b"}
    finally:
        server.close()
