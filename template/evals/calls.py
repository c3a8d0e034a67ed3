"""Watches the model calls of a run: how many, what they used, and whether a model answered at all."""

import re

from app.core.ports.model_calls import ModelCall, ModelCallListener
from domain.dto.chat import TokenUsage

# What MiniStack says in the model's place while its MINISTACK_BEDROCK_PROXY_URL is unset or away.
_CANNED = re.compile(r"\[ministack mock [^\]]*\] reply for prompt#[0-9a-f]{8}")


class CallWatch(ModelCallListener):
    """Is told of every call of a run."""

    def __init__(self) -> None:
        self.count = 0
        self.usage = TokenUsage()
        self.has_canned_answer = False

    def model_call_started(self, call: ModelCall) -> None:
        self.count += 1

    def model_called(self, call: ModelCall) -> None:
        self.usage = self.usage + call.usage
        if _CANNED.search(call.output):
            self.has_canned_answer = True
