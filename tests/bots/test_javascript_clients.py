"""The clients in JavaScript, run by Node against a bot: `nox -s bots -- -k javascript`."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rendering import render
from serving import find_node, serving

ANSWERS = {"channels": ["websocket", "rest"], "language": "en"}
KEY = "key-of-ana"
OPERATOR_KEY = "test-operator-key"
SETTINGS = {
    "AUTH_MODE": "api_key",
    "AUTH_API_KEYS": f"{KEY}:ana",
    "OPERATOR_API_KEYS": f"{OPERATOR_KEY}:Operator",
}
NODE_SECONDS = 60

# What an application would do with both clients, which have the same interface but for `stream`.
SCRIPT = """
const { ChatbotClient, BotError } = await import(process.argv[1]);
const [url, token] = process.argv.slice(2);
const client = new ChatbotClient({ url, token });
const pieces = [];
const take = (piece) => pieces.push(piece);
const first = client.stream ? await client.stream("apples", take) : await client.ask("apples", { onToken: take });
const second = await client.ask("pears");
const abort = new AbortController();
const stop = () => abort.abort();
let cancelled = "no";
try {
  const long = "plums ".repeat(40);
  await (client.stream ? client.stream(long, stop, abort) : client.ask(long, { onToken: stop, signal: abort.signal }));
} catch (error) {
  cancelled = error instanceof BotError ? error.code : error.name;
}
const third = await client.ask("cherries");
const rate = (id, ...what) => client.messages ? client.rate(first.chatId, id, ...what) : client.rate(id, ...what);
await rate(first.messageId, "bad", "Wrong.");
let unknown = "no";
try {
  await rate("msg_of_nobody", "good");
} catch (error) {
  unknown = error.code;
}
client.close?.();
const stranger = new ChatbotClient({ url, token, chatId: "chat_of_eva" });
let refused = "no";
try {
  await stranger.ask("apples");
} catch (error) {
  refused = error.code;
}
stranger.close?.();
const chats = await client.chats?.({ limit: 1 });
const messages = await client.messages?.(first.chatId);
const renamed = await client.rename?.(first.chatId, "Fruit");
console.log(JSON.stringify({ pieces, first, second, third, cancelled, refused, unknown, chats, messages, renamed }));
"""

# A person answers in between; the one client is told, the other asks.
HANDOFF_SCRIPT = """
const { ChatbotClient } = await import(process.argv[1]);
const [url, token, operatorKey] = process.argv.slice(2);
let heard;
const hears = new Promise((resolve) => (heard = resolve));
let released;
const isReleased = new Promise((resolve) => (released = resolve));
const client = new ChatbotClient({
  url, token, onOperatorMessage: ({ text }) => heard([text]), onHandoffEnded: () => released(),
});
const handedOver = await client.ask("I want to talk to a human");
const silent = await client.ask("Hello?");
const operator = (path, body) => fetch(`${url}/operator/api/chats/${silent.chatId}/${path}`, {
  method: "POST",
  headers: { Authorization: `Bearer ${operatorKey}`, "Content-Type": "application/json" },
  body: JSON.stringify(body),
});
await operator("messages", { text: "Hello!" });
const contents = async () => (await client.operatorMessages()).map(({ content }) => content);
const texts = client.operatorMessages ? [...(await contents()), ...(await contents())] : await hears;
await operator("release", {});
if (!client.operatorMessages) await isReleased;
const answered = await client.ask("apples");
client.close?.();
console.log(JSON.stringify({ handedOver, silent, texts, answered }));
"""


@pytest.fixture(scope="module")
def node() -> str:
    return find_node()


@pytest.fixture(scope="module")
def bot(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(template, tmp_path_factory.mktemp("javascript") / "bot", ANSWERS)


@pytest.fixture(scope="module")
def url(bot: Path) -> Iterator[str]:
    with serving(bot, SETTINGS) as url:
        yield url


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=NODE_SECONDS)


@pytest.mark.parametrize(
    ("client", "cancelled"), [("websocket", "cancelled"), ("rest", "AbortError")]
)
def test_a_javascript_client_converses(
    node: str, bot: Path, url: str, client: str, cancelled: str
) -> None:
    module = (bot / "clients" / "javascript" / f"{client}_client.mjs").as_uri()
    # Node 20 has a WebSocket only with this option; later ones accept it.
    options = ["--experimental-websocket", "--no-warnings", "--input-type=module"]

    done = run([node, *options, "--eval", SCRIPT, "--", module, url, KEY])

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["pieces"]) > 1
    assert "".join(told["pieces"]) == told["first"]["text"]
    assert told["second"]["chatId"] == told["first"]["chatId"]
    assert "apples" in told["second"]["text"]
    assert told["cancelled"] == cancelled
    assert told["third"]["chatId"] == told["first"]["chatId"]
    assert told["refused"] == "chat_not_found"
    assert told["unknown"] == "message_not_found"
    if client == "rest":
        assert told["chats"]["items"][0]["chat_id"] == told["first"]["chatId"]
        assert [m["content"] for m in told["messages"]["items"][:3:2]] == ["apples", "pears"]
        assert told["messages"]["items"][1]["rating"] == "bad"
        assert told["renamed"]["title"] == "Fruit"


@pytest.mark.parametrize("client", ["websocket", "rest"])
def test_a_javascript_client_hears_a_person(node: str, bot: Path, url: str, client: str) -> None:
    module = (bot / "clients" / "javascript" / f"{client}_client.mjs").as_uri()
    options = ["--experimental-websocket", "--no-warnings", "--input-type=module"]

    done = run([node, *options, "--eval", HANDOFF_SCRIPT, "--", module, url, KEY, OPERATOR_KEY])

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["handedOver"]["handoff"]
    assert (told["silent"]["text"], told["silent"]["handoff"]) == ("", True)
    assert told["texts"] == ["Hello!"]
    assert not told["answered"]["handoff"]
    assert "apples" in told["answered"]["text"]


@pytest.mark.parametrize("client", ["websocket", "rest"])
def test_a_javascript_client_runs_from_the_command_line(
    node: str, bot: Path, url: str, client: str
) -> None:
    program = str(bot / "clients" / "javascript" / f"{client}_client.mjs")
    where = ["--url", url, "--user", "ana", "--token", KEY]

    done = run([node, program, "apples", "pears", *where])

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("apples") == 2
    assert "> pears" in done.stdout


@pytest.mark.parametrize("client", ["websocket", "rest"])
def test_a_refusal_is_told_and_the_exit_code_says_so(
    node: str, bot: Path, url: str, client: str
) -> None:
    program = str(bot / "clients" / "javascript" / f"{client}_client.mjs")

    done = run([node, program, " ", "--url", url, "--user", "ana", "--token", KEY])

    assert done.returncode == 1
    assert "(question_empty)" in done.stderr
