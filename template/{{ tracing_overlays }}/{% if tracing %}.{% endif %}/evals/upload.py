"""Sends a run to Langfuse: with `--upload`, or `uv run python -m evals.upload FILE` afterwards."""

import argparse
import sys
from pathlib import Path
from typing import Any

from langfuse import Langfuse, propagate_attributes

from app.core.config import Settings, SettingsError, load_settings
from app.core.settings_owner import OwnerSettings
from evals.errors import EvalsError
from evals.results import MEASURES, Outcome, Run, load
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
        _send_case(langfuse, run, outcome)
    for measure in MEASURES:
        if run.score(measure).of:
            langfuse.create_score(
                score_id=f"{run.name}-{measure}",
                session_id=run.name,
                name=measure,
                value=run.score(measure).share,
                data_type="NUMERIC",
            )
    langfuse.shutdown()
    print(f"Sent to Langfuse as the session {run.name}")


def _connected(settings: Settings) -> Langfuse:
    secret_key = settings.langfuse_secret_key.get_secret_value()
    if not (settings.langfuse_public_key and secret_key):
        raise EvalsError("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are needed for the upload")
    langfuse = Langfuse(
        base_url=settings.langfuse_host,
        public_key=settings.langfuse_public_key,
        secret_key=secret_key,
        environment=settings.app_env,
        timeout=_SEND_TIMEOUT_SECONDS,
        mask=mask,
    )
    try:
        # What is sent later goes by a thread of the SDK, which only logs that it failed.
        langfuse.auth_check()
    except Exception as error:
        raise EvalsError(
            f"Nothing was sent to {settings.langfuse_host}: {type(error).__name__};"
            " `python -m evals.upload FILE` tries again"
        ) from error
    return langfuse


def _send_case(langfuse: Langfuse, run: Run, outcome: Outcome) -> None:
    trace_id = Langfuse.create_trace_id(seed=f"{run.name} {outcome.case}")
    with propagate_attributes(
        session_id=run.name, trace_name="eval", tags=["evals"], metadata={"model": run.model}
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
                comment=mask(data="; ".join(faults)) or None,
            )


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
