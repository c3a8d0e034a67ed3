"""Measures what tracing costs a turn: BOT_PYTHON tools/tracing_cost.py BOT_FOLDER [--turns 400].

Run by a traced bot's Python. Four bots without a web server share a process and answer by turns, so
that whatever else the machine does meets all of them; each turn calls the model once. The table,
Bedrock and Langfuse are other processes. The processor's time is that of the thread in which turns
run; that of the SDK's threads, which send, is told apart.
"""

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "tests"
TABLE = "TracingCostTable"
WARM_UP_TURNS = 40
UNTRACED, SAMPLED_OUT, TRACED, SILENT = "untraced", "sampled out", "traced", "traced, in vain"
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


def traced(host: str, kind: str, **more: str) -> dict[str, str]:
    """Return settings with keys; the SDK has one client for each public key in a process."""
    keys = {"langfuse_public_key": f"pk-{kind}", "langfuse_secret_key": "sk-measured"}
    return {"langfuse_host": host, **keys, **more}


async def measure(kinds: Mapping[str, Mapping[str, str]], turns: int) -> None:
    """Run the turns of all kinds by turns, and print the milliseconds of each."""
    from app.core.observability.logs import configure_logs
    from app.core.settings_owner import OwnerSettings
    from app.dependency_injection.lifecycle import running
    from domain.dto.chat import ChatRequest
    from tests.support.plain_container import plain_container

    configure_logs("CRITICAL")
    wall: dict[str, list[float]] = {kind: [] for kind in kinds}
    processor: dict[str, list[float]] = {kind: [] for kind in kinds}
    services: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        for kind, settings in kinds.items():
            container = plain_container(OwnerSettings.model_validate(settings))
            await stack.enter_async_context(running(container))
            services[kind] = container.services.chat_service()
        for turn in range(WARM_UP_TURNS + turns):
            if turn == WARM_UP_TURNS:
                others = time.process_time() - time.thread_time()
            for kind, service in services.items():
                request = ChatRequest(f"user_{turn}", "Where is my order 1001?", channel="rest")
                began, worked = time.perf_counter(), time.thread_time()
                async for _ in service.run(request):
                    pass
                if turn >= WARM_UP_TURNS:
                    processor[kind].append(time.thread_time() - worked)
                    wall[kind].append(time.perf_counter() - began)
        others = time.process_time() - time.thread_time() - others
    print(f"{'':<16}{'ms a turn':>10}{'processor ms':>14}{'more than untraced':>20}")
    least = statistics.median(processor[UNTRACED])
    for kind in kinds:
        median = statistics.median(processor[kind])
        print(
            f"{kind:<16}{statistics.median(wall[kind]) * 1000:>10.2f}"
            f"{median * 1000:>14.2f}{(median - least) * 1000:>20.2f}"
        )
    print(f"threads that send, for a turn that is traced: {others / turns / 2 * 1000:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bot", type=Path)
    parser.add_argument("--turns", type=int, default=400)
    options = parser.parse_args()
    bot = options.bot.resolve()
    sys.path.insert(0, str(bot))
    os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
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
        }
        kinds = {
            UNTRACED: shared,
            SAMPLED_OUT: shared | traced(langfuse, "out", langfuse_sample_rate="0"),
            TRACED: shared | traced(langfuse, "in"),
            SILENT: shared | traced(silent, "silent"),
        }
        asyncio.run(measure(kinds, options.turns))


if __name__ == "__main__":
    main()
