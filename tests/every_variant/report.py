"""What ran for which variant: a file for machines, and some lines for people."""

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from variants import Variant


class Report:
    """Gathers what the tests tell of each variant."""

    def __init__(self, config: pytest.Config, variants: tuple[Variant, ...]) -> None:
        self._file = Path(config.getoption("--report"))
        self._began = time.monotonic()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._variants: dict[str, dict[str, Any]] = {
            variant.id: {"passed": [], "failed": []} for variant in variants
        }

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        check = report.location[2].partition("[")[0]
        self._seconds[check] += report.duration
        told = dict(report.user_properties)
        variant = self._variants.get(str(told.pop("variant", "")))
        if variant is None:
            return
        if report.failed and check not in variant["failed"]:
            variant["failed"].append(check)
        elif report.when == "call" and report.passed:
            variant["passed"].append(check)
        variant.update(told)

    def pytest_sessionfinish(self) -> None:
        whole = {
            "variants": self._variants,
            "distinct_runtime_trees": len(self._trees()),
            "seconds": {name: round(value, 1) for name, value in self._slowest()},
            "wall_seconds": round(time.monotonic() - self._began, 1),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        failed = {name: told["failed"] for name, told in self._variants.items() if told["failed"]}
        passed = sum(bool(told["passed"]) for told in self._variants.values()) - len(failed)
        terminalreporter.section("variants")
        write(f"{passed} of {len(self._variants)} variants passed all that ran for them.")
        write(f"{len(self._trees())} distinct runtime trees. {self._sharing()}")
        for name, seconds in self._slowest()[:8]:
            write(f"{seconds:8.1f} s of work in {name}")
        for name, checks in failed.items():
            write(f"FAILED {name}: {', '.join(checks)}")
            write(f"       nox -s variants -- {name}")
        write(f"Report: {self._file}")

    def _slowest(self) -> list[tuple[str, float]]:
        return sorted(self._seconds.items(), key=lambda entry: -entry[1])

    def _trees(self) -> dict[str, list[str]]:
        trees: dict[str, list[str]] = defaultdict(list)
        for name, told in self._variants.items():
            if "runtime_tree" in told:
                trees[told["runtime_tree"]].append(name)
        return trees

    def _sharing(self) -> str:
        ran = sum(len(told.get("quick_ran", ())) for told in self._variants.values())
        shared = sum(len(told.get("quick_shared", ())) for told in self._variants.values())
        return f"Quick tests: {ran} modules ran, {shared} had run on the very same files elsewhere."
