"""The commits of the actions that workflows run: each read in that action's own repository.

Before a commit is put here somebody looks it up there: it must be the commit of that release's tag,
and part of a branch. A commit of a fork, which GitHub would fetch all the same, is not.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """An action as a step names it, the release, and the day its commit was read there."""

    use: str
    release: str
    read_on: str


ACTIONS = (
    Action("actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1", "2026-11-26"),
    Action("actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0", "2026-11-26"),
    Action(
        "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0", "2026-11-26"
    ),
    Action(
        "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c",
        "v6.2.3",
        "2026-11-26",
    ),
)
