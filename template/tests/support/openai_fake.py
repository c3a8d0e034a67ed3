"""A server of a local model: as much of OpenAI's API as Ollama and llama.cpp have in common."""

import json
from typing import Any

from tests.support.wire_server import Exchange, WireRequest, WireServer


class OpenAiFake(WireServer):
    """Answers `/v1/chat/completions` as Ollama and llama.cpp do, each time with `message`."""

    def __init__(self) -> None:
        super().__init__()
        self.message: dict[str, Any] = {}

    def says(self, text: str) -> None:
        self.message = {"role": "assistant", "content": text}

    def calls(self, tool: str, arguments: dict[str, Any]) -> None:
        call = {"name": tool, "arguments": json.dumps(arguments)}
        calls = [{"id": "call_1", "type": "function", "function": call}]
        self.message = {"role": "assistant", "content": None, "tool_calls": calls}

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the requests for an answer."""
        return [json.loads(request.body) for request in self.requests if request.method == "POST"]

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        if (request.method, request.path) == ("GET", "/v1/models"):
            await exchange.respond_json(200, {"data": []})
            return
        assert (request.method, request.path) == ("POST", "/v1/chat/completions")
        usage = {"prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25}
        choice = {"index": 0, "message": self.message, "finish_reason": "stop"}
        await exchange.respond_json(200, {"choices": [choice], "usage": usage})
