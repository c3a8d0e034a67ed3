"""Measures what tracing costs a turn: BOT_PYTHON tools/tracing_cost.py BOT_FOLDER [--turns 300].

Run by a traced bot's Python. Each run is a process of its own with the bot's parts, without a web
server, whose agent calls the model once; the table, Bedrock and Langfuse are other processes. Runs
of all kinds alternate. The processor's time is that of the whole process, the SDK's threads included.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "tests"
TABLE = "TracingCostTable"
WARM_UP_TURNS = 40
KEYS = {"langfuse_public_key": "pk-measured", "langfuse_secret_key": "sk-measured"}
KINDS: dict[str, Mapping[str, str]] = {
    "untraced": {},
    "sampled out": {**KEYS, "langfuse_sample_rate": "0"},
    "traced": KEYS,
    "traced, Langfuse silent": {**KEYS, "langfuse_host": "SILENT"},
}
ADDRESS = re.compile(r"(?:endpoint )?(http://127\.0\.0\.1:\d+)\n")
COLLECTOR = """\
import sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd()))
from tests.support.langfuse_fake import LangfuseFake, Mood
langfuse = LangfuseFake()
langfuse.mood = Mood[sys.argv[1]]
print(langfuse.url, flush=True)
sys.stdin.read()
langfuse.close()
"""


@contextmanager
def helper(bot: Path, *command: str) -> Iterator[str]:
    """Run a process beside the bot for as long as the block; gives its address."""
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=bot,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        try:
            # Some log before they say where they are.
            yield next(url[1] for line in process.stdout if (url := ADDRESS.fullmatch(line)))
        finally:
            process.stdin.close()
            process.wait(30)


async def measure(settings: Mapping[str, str], turns: int) -> dict[str, float]:
    """Run turns one after the other in this process; returns milliseconds of a turn."""
    sys.path.insert(0, os.getcwd())
    from app.core.observability.logs import configure_logs
    from app.core.settings_owner import OwnerSettings
    from app.dependency_injection.lifecycle import running
    from domain.dto.chat import ChatRequest
    from tests.support.plain_agent import plain_container

    configure_logs("CRITICAL")
    container = plain_container(OwnerSettings.model_validate(settings))
    seconds: list[float] = []
    async with running(container):
        service = container.services.chat_service()
        for turn in range(WARM_UP_TURNS + turns):
            if turn == WARM_UP_TURNS:
                seconds.clear()
                processor = time.process_time()
            began = time.perf_counter()
            request = ChatRequest(f"user_{turn}", "Where is my order 1001?", channel="rest")
            async for _ in service.run(request):
                pass
            seconds.append(time.perf_counter() - began)
        processor = time.process_time() - processor
    return {"wall": statistics.median(seconds) * 1000, "processor": processor / turns * 1000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bot", type=Path)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    bot = options.bot.resolve()
    if options.one:
        os.chdir(bot)
        print(json.dumps(asyncio.run(measure(json.loads(options.one), options.turns))))
        return
    results: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    with ExitStack() as stack:
        state = stack.enter_context(tempfile.TemporaryDirectory())
        table = stack.enter_context(helper(bot, str(TESTS / "local_table.py"), state, TABLE))
        bedrock = stack.enter_context(helper(bot, str(TESTS / "bedrock_stand_in.py")))
        langfuse = stack.enter_context(helper(bot, "-c", COLLECTOR, "SERVING"))
        silent = stack.enter_context(helper(bot, "-c", COLLECTOR, "SILENT"))
        shared = {
            "aws_endpoint_url_dynamodb": table,
            "aws_endpoint_url_bedrock_runtime": bedrock,
            "ddb_table": TABLE,
            "langfuse_host": langfuse,
        }
        for _ in range(options.runs):
            for kind, changes in KINDS.items():
                settings = {**shared, **changes}
                if settings["langfuse_host"] == "SILENT":
                    settings["langfuse_host"] = silent
                command = [__file__, str(bot), "--turns", str(options.turns)]
                told = subprocess.check_output(
                    [sys.executable, *command, "--one", json.dumps(settings)],
                    env={
                        **os.environ,
                        "AWS_ACCESS_KEY_ID": "local",
                        "AWS_SECRET_ACCESS_KEY": "local",
                    },
                    text=True,
                )
                results[kind].append(json.loads(told))
    print(f"{'':<26}{'ms a turn':>10}{'processor ms':>14}")
    for kind, runs in results.items():
        wall, processor = (statistics.median(r[n] for r in runs) for n in ("wall", "processor"))
        print(f"{kind:<26}{wall:>10.2f}{processor:>14.2f}")


if __name__ == "__main__":
    main()
