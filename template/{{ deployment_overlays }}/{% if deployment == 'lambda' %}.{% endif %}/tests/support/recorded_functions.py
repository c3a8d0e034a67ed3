"""One of the bot's functions at work, what it asks AWS for, and the bot's work elsewhere."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from app.core.config import load_settings
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.function_container import FunctionContainer, function_container
from app.dependency_injection.function_settings import load_function_settings
from domain.dto.chat import ChatRequest
from domain.dto.events import EndEvent
from interface.aws_lambda.environment import start_parts
from tests.support.aws_calls import recorded_calls
from tests.support.background_loop import BackgroundLoop
from tests.support.cloudformation import ACCOUNT, REGION, Template
from tests.support.execution_environments import Event, ExecutionEnvironment
from tests.support.functions import FUNCTIONS
from tests.support.needs import Need
from tests.support.permissions import Comparison, compare
from tests.support.plain_agent import A_PERSON
from tests.support.plain_container import make_plain
from tests.support.roles import permissions_of
from tests.support.wire_server import Exchange, WireRequest, WireServer

Result = TypeVar("Result")

# What Lambda itself does with the role of every function.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
_WRITES_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")


class AwsFake(WireServer):
    """AWS's other services: they take whatever they are asked, but a connection named `gone`."""

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        if request.path.endswith("/gone"):
            await exchange.respond_json(410, {}, {"x-amzn-errortype": "GoneException"})
        else:
            await exchange.respond_json(200, {})


class RecordedFunction:
    """A function, started with the environment of the tests' process."""

    def __init__(self, stack: Template, name: str) -> None:
        self._stack = stack
        self._properties = function_of(stack, name)
        with recorded_calls() as self.calls:
            container = function_container(asyncio.run(load_function_settings()))
            make_plain(container)
            self._environment = ExecutionEnvironment(container, FUNCTIONS[name])

    def invoke(self, event: Event) -> Any:
        """Hand it an event; returns what it answers."""
        return self._environment.invoke(event)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Hand it a request of API Gateway's HTTP API; returns the JSON that it answers."""
        http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}
        answer = self.invoke(
            {
                "version": "2.0",
                "routeKey": "$default",
                "rawPath": path,
                "rawQueryString": "",
                "headers": {
                    "host": "api.example.org",
                    "content-type": "application/json",
                    **(headers or {}),
                },
                "requestContext": {"stage": "$default", "http": http},
                "body": body.decode(),
                "isBase64Encoded": False,
            }
        )
        assert answer["statusCode"] < HTTPStatus.BAD_REQUEST, answer
        return json.loads(answer["body"] or "null")

    def comparison(self) -> Comparison:
        """Compare what its role allows with what it asked for, and what Lambda does for it."""
        group = self._stack.value(self._properties["LoggingConfig"]["LogGroup"])
        stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:any"
        logs = {Need(action, frozenset({stream})) for action in _WRITES_LOGS}
        role = str(self._properties["Role"]).rpartition(":")[2]
        return compare(self.calls.needs | logs, permissions_of(self._stack, [role]))

    def close(self) -> None:
        """Let go of what is open."""
        self._environment.close()


class Elsewhere:
    """The same bot in other functions, whose calls are not recorded."""

    def __init__(self) -> None:
        self.container: FunctionContainer = function_container(load_settings(OwnerSettings))
        make_plain(self.container)
        self._loop = BackgroundLoop()
        self.run(start_parts(self.container.turn_parts()))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Wait until the work is done."""
        return self._loop.run(work)

    def hand_over(self, user_id: str) -> str:
        """Have the user ask for a person; returns the id of the chat."""
        return self.run(self._hand_over(user_id))

    async def _hand_over(self, user_id: str) -> str:
        request = ChatRequest(user_id, A_PERSON, channel="test")
        events = [event async for event in self.container.services.chat_service().run(request)]
        end = events[-1]
        assert isinstance(end, EndEvent) and end.handoff
        return end.chat_id

    def close(self) -> None:
        """Let go of what is open."""
        self.run(self.container.gateways.bedrock_client().stop())
        self.run(self.container.gateways.aws_connection().stop())
        self._loop.close()


def function_of(stack: Template, name: str) -> Mapping[str, Any]:
    """Return the properties of the function that runs a module of interface/aws_lambda/."""
    functions = [properties for _, properties in stack.resources("AWS::Lambda::Function")]
    (found,) = (each for each in functions if each["Handler"].split(".")[2] == name)
    return found
