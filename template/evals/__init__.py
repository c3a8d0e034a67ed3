"""Scores the configured model on labelled cases: `uv run nox -s evals`, docs/evals.md."""
