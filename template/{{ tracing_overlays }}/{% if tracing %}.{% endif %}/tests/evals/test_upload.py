"""What Langfuse is sent of a run of the evals."""

import uuid
from collections.abc import Iterator

import pytest

from app.core.settings.core import GRAPH_PRESET, LANGUAGE
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
            "langfuse_release": "1.2",
        }
    )


def test_a_case_is_a_trace_with_scores_in_the_session_of_its_run(langfuse: LangfuseFake) -> None:
    upload(RUN, settings(langfuse.url))
    asked, talked = langfuse.spans()
    assert asked.attributes["langfuse.observation.input"] == "How much is it?"
    assert asked.json("langfuse.observation.output")["routing"] == "faq"
    assert talked.json("langfuse.observation.output") == ["Tea, please", "Here"]
    for span in (asked, talked):
        assert span.attributes["session.id"] == SESSION
        assert span.attributes["langfuse.trace.tags"] == [
            "evals",
            f"preset:{GRAPH_PRESET}",
            f"language:{LANGUAGE}",
            "release:1.2",
        ]
    sent = {
        (score.get("traceId") or score["sessionId"], score["name"]): score["value"]
        for score in langfuse.scores()
    }
    assert sent == {
        (asked.trace_id.hex(), "routing"): 0,
        (asked.trace_id.hex(), "slots"): 0.5,
        (talked.trace_id.hex(), "completion"): 1,
        (SESSION, "routing"): 0,
        (SESSION, "slots"): 0.5,
        (SESSION, "completion"): 1,
    }


def test_what_is_sent_again_replaces_what_was_sent(langfuse: LangfuseFake) -> None:
    """Langfuse keeps one of those whose id, name and day are the same."""
    upload(RUN, settings(langfuse.url))
    first = keys(langfuse)
    langfuse.requests.clear()
    upload(RUN, settings(langfuse.url))
    assert keys(langfuse) == first


def keys(langfuse: LangfuseFake) -> list[tuple[str, str, str]]:
    return sorted((s["id"], s["name"], s["timestamp"]) for s in langfuse.scores())


def test_langfuse_away_or_without_keys_is_told_in_one_sentence(langfuse: LangfuseFake) -> None:
    langfuse.mood = Mood.FAILING
    with pytest.raises(EvalsError, match=r"evals\.upload FILE"):
        upload(RUN, settings(langfuse.url))
    with pytest.raises(EvalsError, match="LANGFUSE_SECRET_KEY"):
        upload(RUN, settings(langfuse.url, secret_key=""))
    assert langfuse.scores() == []
