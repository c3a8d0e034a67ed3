"""The quick part of the bots' own tests, run once for all bots in which it sees the same."""

import json
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from every_variant.visible_files import VisibleFiles

_WARM_PYTEST = Path(__file__).with_name("warm_pytest.py")

# What takes a few seconds in all; of each channel at least that the bot runs and answers on it.
QUICK = (
    "tests/unit/test_*.py",
    "tests/graph/test_*.py",
    "tests/evals/test_data.py",
    "tests/integration/test_orchestrator.py",
    "tests/integration/test_whatsapp_service.py",
    "tests/integration/test_whatsapp_webhook.py::test_the_challenge_is_echoed_to_whoever_knows_the_token",
    "tests/integration/test_whatsapp_webhook.py::test_a_signed_delivery_is_acknowledged_and_answered",
    "tests/e2e/test_requests.py::test_every_answer_has_an_id_of_its_own_and_safe_headers",
    "tests/e2e/test_operator_page.py",
    "tests/e2e/test_chat_page.py::test_everything_the_page_refers_to_is_served_and_nothing_is_left_over",
    "tests/e2e/test_chat_page.py::test_the_files_fit_together_and_their_policy",
    "tests/e2e/test_chat_page.py::test_every_control_has_a_name_for_screen_readers",
    "tests/e2e/test_websocket.py::test_a_turn_is_the_three_events_of_the_protocol",
    "tests/e2e/test_websocket.py::test_the_chat_of_another_is_not_found_whether_it_exists_or_not",
    "tests/e2e/test_rest_completions.py::test_a_question_has_one_answer",
    "tests/e2e/test_rest_completions.py::test_with_stream_the_answer_comes_as_events",
    "tests/e2e/test_rest_history.py::test_what_was_said_can_be_listed",
)
# What of these takes a quarter of a second or more is left to the full suites.
LONG = (
    "tests/integration/test_orchestrator.py::test_a_slow_reader_misses_nothing",
    "tests/integration/test_orchestrator.py::test_a_turn_that_takes_too_long_is_given_up",
    "tests/integration/test_orchestrator.py::test_pieces_may_travel_together",
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one module's tests: in which bot, and what it looked at beside its imports."""

    variant: str
    has_passed: bool
    reads: tuple[str, ...]
    reads_hash: str


@dataclass(slots=True)
class QuickResult:
    """What came out for one bot: the modules that ran in it, those that had run elsewhere, failures."""

    ran: list[str] = field(default_factory=list)
    shared: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    output: str = ""


class QuickTests:
    """Runs the quick part in a warm process, and remembers, in a folder all workers see, what ran."""

    def __init__(self, python: Path, memory: Path, environment: dict[str, str]) -> None:
        self._memory = memory
        self._process = subprocess.Popen(
            [str(python), str(_WARM_PYTEST)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, variant: str, bot: Path) -> QuickResult:
        """Run what no bot has run that looked the same to it."""
        result = QuickResult()
        files = VisibleFiles(bot)
        tests = _tests_of(bot)
        keys = {module: files.seen_by(module) for module in tests}
        for module, key in keys.items():
            before = self._run_before(files, module, key)
            if before is None:
                result.ran.append(module)
            else:
                result.shared[module] = before.variant
                result.failed += [] if before.has_passed else [module]
        if result.ran:
            answer = self._ask(bot, [test for module in result.ran for test in tests[module]])
            result.output = answer["output"]
            for module in result.ran:
                has_passed = answer["outcomes"].get(module, False)
                result.failed += [] if has_passed else [module]
                reads = answer["reads"].get(module, [])
                if reads is not None:
                    run = Run(variant, has_passed, tuple(reads), files.hash_of(set(reads)))
                    self._remember(module, keys[module], run)
        return result

    def close(self) -> None:
        """End the warm process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def _ask(self, bot: Path, tests: list[str]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            json.dumps({"folder": str(bot), "tests": tests, "without": LONG}) + "\n"
        )
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the warm process has ended; its error is in the output"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _run_before(self, files: VisibleFiles, module: str, key: str) -> Run | None:
        """Return a run of the module that found all files as they are in this bot."""
        for kept in self._folder(module, key).glob("*.json"):
            run = Run(**json.loads(kept.read_text("utf-8")))
            if files.hash_of(set(run.reads)) == run.reads_hash:
                return run
        return None

    def _remember(self, module: str, key: str, run: Run) -> None:
        folder = self._folder(module, key)
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{run.variant}.new"
        fresh.write_text(json.dumps(asdict(run)), "utf-8")
        fresh.rename(fresh.with_suffix(".json"))

    def _folder(self, module: str, key: str) -> Path:
        return self._memory / module.replace("/", ".") / key


def _tests_of(bot: Path) -> dict[str, list[str]]:
    """Return for each module of the quick part what of it is run."""
    found: dict[str, list[str]] = {}
    for pattern in QUICK:
        modules, _, name = pattern.partition("::")
        for path in sorted(bot.glob(modules)):
            module = path.relative_to(bot).as_posix()
            found.setdefault(module, []).append(f"{module}::{name}" if name else module)
    return found
