"""What Langfuse is sent of a run of the evals."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.settings_owner import OwnerSettings
from evals.errors import EvalsError
from evals.results import Check, Outcome, Run
from evals.upload import upload
from tests.support.langfuse_fake import LangfuseFake, Mood

RUN = Run(
    started_at="2026-11-23T00:00:00Z",
    model="us.anthropic.claude-sonnet-5-5",
    seconds=1,
    model_calls=3,
    input_tokens=10,
    output_tokens=5,
    outcomes=(
        Outcome(
            case="How much is it?",
            checks=(
                Check(measure="routing", name="sales", expected="sales", got="faq", is_right=False),
                Check(measure="slots", name="topic", expected="tea", got="tea", is_right=True),
                Check(measure="slots", name="size", expected="big", got="", is_right=False),
            ),
        ),
        Outcome(
            case="buys tea",
            checks=(Check(measure="completion", expected="done", got="done", is_right=True),),
            said=("Tea, please", "Here"),
        ),
    ),
)
SESSION = "2026-11-23T00-00-00Z-us.anthropic.claude-sonnet-5-5"


@pytest.fixture
def langfuse() -> Iterator[LangfuseFake]:
    server = LangfuseFake()
    yield server
    server.close()


def settings(host: str, secret_key: str = "sk-secret") -> OwnerSettings:
    return OwnerSettings.model_validate(
        {
            "langfuse_host": host,
            # The SDK keeps one client for each public key in a process.
            "langfuse_public_key": f"pk-{uuid.uuid4().hex}",
            "langfuse_secret_key": secret_key,
        }
    )


def scores(langfuse: LangfuseFake) -> list[dict[str, Any]]:
    bodies = [json.loads(r.body) for r in langfuse.requests if r.path == "/api/public/scores"]
    return [score for batch in bodies for score in batch]


def test_a_case_is_a_trace_with_scores_in_the_session_of_its_run(langfuse: LangfuseFake) -> None:
    upload(RUN, settings(langfuse.url))
    asked, talked = langfuse.spans()
    assert asked.attributes["langfuse.observation.input"] == "How much is it?"
    assert asked.json("langfuse.observation.output")["routing"] == "faq"
    assert talked.json("langfuse.observation.output") == ["Tea, please", "Here"]
    assert {span.attributes["session.id"] for span in (asked, talked)} == {SESSION}
    sent = {
        (score.get("traceId") or score["sessionId"], score["name"]): score["value"]
        for score in scores(langfuse)
    }
    assert sent == {
        (asked.trace_id.hex(), "routing"): 0,
        (asked.trace_id.hex(), "slots"): 0.5,
        (talked.trace_id.hex(), "completion"): 1,
        (SESSION, "routing"): 0,
        (SESSION, "slots"): 0.5,
        (SESSION, "completion"): 1,
    }


def test_what_is_sent_again_has_the_same_ids(langfuse: LangfuseFake) -> None:
    upload(RUN, settings(langfuse.url))
    first = sorted(score["id"] for score in scores(langfuse))
    langfuse.requests.clear()
    upload(RUN, settings(langfuse.url))
    assert sorted(score["id"] for score in scores(langfuse)) == first


def test_langfuse_away_or_without_keys_is_told_in_one_sentence(langfuse: LangfuseFake) -> None:
    langfuse.mood = Mood.FAILING
    with pytest.raises(EvalsError, match=r"evals\.upload FILE"):
        upload(RUN, settings(langfuse.url))
    with pytest.raises(EvalsError, match="LANGFUSE_SECRET_KEY"):
        upload(RUN, settings(langfuse.url, secret_key=""))
    assert scores(langfuse) == []
