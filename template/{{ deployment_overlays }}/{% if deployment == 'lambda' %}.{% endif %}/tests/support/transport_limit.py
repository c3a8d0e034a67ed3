"""A test that one transport is not asked to pass, and the reasons that several have."""

from dataclasses import dataclass

INSIDE = "it changes or stops the one process in which the bot's own server runs"
METRICS = "the metrics of one environment of many are not public"


@dataclass(frozen=True, slots=True)
class Limit:
    """A test of tests/e2e that the gateway is not asked; with `case`, only such cases.

    Without the name of a test, all tests of the file.
    """

    file: str
    test: str
    why: str
    case: str = ""
