"""Sends a run to Langfuse: with `--upload`, or `uv run python -m evals.upload FILE` afterwards."""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from langfuse import Langfuse, propagate_attributes

from app.core.config import Settings, SettingsError, load_settings
from app.core.settings.core import GRAPH_PRESET, LANGUAGE
from app.core.settings_owner import OwnerSettings
from evals.errors import EvalsError
from evals.results import MEASURES, Outcome, Run, load
from infra.tracing.langfuse_project import LangfuseProject
from infra.tracing.masking import mask

_SEND_TIMEOUT_SECONDS = 10


def upload(run: Run, settings: Settings) -> None:
    """Send a trace with its scores for each case, in a session that has the scores of the run.

    Blocks until Langfuse has been sent everything. Scores that are sent again replace themselves.

    Raises:
        EvalsError: Langfuse is away, or does not know the keys.
    """
    langfuse = _connected(settings)
    for outcome in run.outcomes:
        _send_case(langfuse, run, outcome, _tags(settings))
    for measure in MEASURES:
        if run.score(measure).of:
            langfuse.create_score(
                score_id=f"{run.name}-{measure}",
                session_id=run.name,
                name=measure,
                value=run.score(measure).share,
                data_type="NUMERIC",
                timestamp=_started_at(run),
            )
    langfuse.shutdown()
    print(f"Sent to Langfuse as the session {run.name}")


def _connected(settings: Settings) -> Langfuse:
    if not settings.sends_traces:
        raise EvalsError("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are needed for the upload")
    langfuse = LangfuseProject(
        host=settings.langfuse_host,
        public_key=settings.langfuse_public_key,
        secret_key=settings.langfuse_secret_key,
        environment=settings.app_env,
        release=settings.langfuse_release,
    ).open(timeout_seconds=_SEND_TIMEOUT_SECONDS)
    try:
        # What is sent later goes by a thread of the SDK, which only logs that it failed.
        langfuse.auth_check()
    except Exception as error:
        raise EvalsError(
            f"Nothing was sent to {settings.langfuse_host}: {type(error).__name__};"
            " `python -m evals.upload FILE` tries again"
        ) from error
    return langfuse


def _tags(settings: Settings) -> list[str]:
    """Return what the traces of turns are tagged with as well, so that both can be compared."""
    tags = ["evals", f"preset:{GRAPH_PRESET}", f"language:{LANGUAGE}"]
    return [*tags, f"release:{settings.langfuse_release}"] if settings.langfuse_release else tags


def _send_case(langfuse: Langfuse, run: Run, outcome: Outcome, tags: list[str]) -> None:
    trace_id = Langfuse.create_trace_id(seed=f"{run.name} {outcome.case}")
    with propagate_attributes(
        session_id=run.name, trace_name="eval", tags=tags, metadata={"model": run.model}
    ):
        langfuse.start_observation(
            trace_context={"trace_id": trace_id},
            name="eval",
            input=outcome.case,
            output=outcome.said or _answers(outcome),
            metadata={"seconds": outcome.seconds},
            level="ERROR" if outcome.error else None,
            status_message=outcome.error or None,
        ).end()
    for measure in MEASURES:
        checks = [check for check in outcome.checks if check.measure == measure]
        if checks:
            faults = [f"{c.name or measure}: {c.got}" for c in checks if not c.is_right]
            langfuse.create_score(
                score_id=f"{trace_id}-{measure}",
                trace_id=trace_id,
                name=measure,
                value=sum(check.is_right for check in checks) / len(checks),
                data_type="NUMERIC",
                timestamp=_started_at(run),
                comment=mask(data="; ".join(faults)) or None,
            )


def _started_at(run: Run) -> datetime:
    """Return the moment of all scores: Langfuse replaces those of the same id, name and day."""
    return datetime.fromisoformat(run.started_at)


def _answers(outcome: Outcome) -> dict[str, Any]:
    return {
        check.name if check.measure == "slots" else check.measure: check.got
        for check in outcome.checks
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.upload", description=__doc__)
    parser.add_argument("file", type=Path, help="the file of a run, from evals/results/")
    try:
        upload(load(parser.parse_args().file), load_settings(OwnerSettings))
    except (SettingsError, EvalsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
