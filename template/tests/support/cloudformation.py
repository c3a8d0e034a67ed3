"""Reads the bot's CloudFormation templates, and works their values out as CloudFormation does."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

REGION = "us-east-1"
ACCOUNT = "123456789012"
STACK = "chatbot-staging"

# The only functions whose long names do not begin with `Fn::`.
_WITHOUT_PREFIX = {"Ref", "Condition"}
# A property that is to be left out.
_NO_VALUE = object()
_PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": _NO_VALUE,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}
# How the resources that policies name are called: the property with the name, and the ARN with it.
_ARNS = {
    "AWS::DynamoDB::Table": ("TableName", "dynamodb", "table/{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs", "log-group:{}:*"),
    "AWS::SQS::Queue": ("QueueName", "sqs", "{}"),
}


class Template:
    """A template with values for its parameters; what has none gets its default.

    Raises KeyError for a parameter that needs a value and a resource that is not there.
    """

    def __init__(self, path: Path, parameters: Mapping[str, str]) -> None:
        self.content: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)
        self._parameters = {
            name: str(parameters[name] if name in parameters else parameter["Default"])
            for name, parameter in self.content["Parameters"].items()
        }

    def resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the name and the properties of each resource of a kind that is made."""
        for name, resource in self.content["Resources"].items():
            if resource["Type"] == kind and self._holds(resource.get("Condition")):
                yield name, self.value(resource.get("Properties", {}))

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of something of the account's in the region."""
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"

    def value(self, node: Any) -> Any:
        """Return what a value of the template comes to."""
        if isinstance(node, list):
            values = [self.value(item) for item in node]
            return [value for value in values if value is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name,) = node
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, node[name])
        values_by_key = {key: self.value(item) for key, item in node.items()}
        return {key: value for key, value in values_by_key.items() if value is not _NO_VALUE}

    def _function(self, name: str, argument: Any) -> Any:
        match name, argument:
            case "Ref", str():
                return self._reference(argument)
            case "Fn::GetAtt", [resource, "Arn"]:
                return self._arn_of(resource)
            case "Fn::GetAtt", [resource, attribute]:
                return f"{resource}.{attribute}"
            case "Fn::Sub", str():
                return self._substituted(argument, {})
            case "Fn::Sub", [text, values]:
                return self._substituted(text, values)
            case "Fn::If", [condition, then, otherwise]:
                return self.value(then if self._holds(condition) else otherwise)
            case "Fn::Select", [index, items]:
                return self.value(items)[int(index)]
            case "Fn::Split", [separator, text]:
                return self.value(text).split(separator)
            case "Fn::Join", [separator, items]:
                return separator.join(self.value(items))
            case "Fn::GetAZs" | "Fn::Cidr", _:
                return [f"{name}.{number}" for number in range(4)]
            case _:
                raise AssertionError(f"{name} of {argument} is not known here")

    def _reference(self, name: str) -> Any:
        if name in _PSEUDO_PARAMETERS:
            return _PSEUDO_PARAMETERS[name]
        if name in self._parameters:
            return self._parameters[name]
        if self.content["Resources"][name]["Type"] == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self._name_of(name)}"
        return self._name_of(name)

    def _name_of(self, resource: str) -> str:
        """Return the name a resource has, or gets: that in the template is as good as any."""
        definition = self.content["Resources"][resource]
        property_ = _ARNS.get(definition["Type"], ("",))[0]
        return str(self.value(definition.get("Properties", {}).get(property_, resource)))

    def _arn_of(self, resource: str) -> str:
        kind = self.content["Resources"][resource]["Type"]
        _, service, rest = _ARNS.get(kind, ("", kind.split("::")[1].lower(), "{}"))
        return self.arn(service, rest.format(self._name_of(resource)))

    def _substituted(self, text: str, values: Mapping[str, Any]) -> str:
        def value_of(found: re.Match[str]) -> str:
            name = found[1]
            if name in values:
                return str(self.value(values[name]))
            resource, dot, attribute = name.partition(".")
            if dot:
                return str(self._function("Fn::GetAtt", [resource, attribute]))
            return str(self._reference(name))

        return re.sub(r"\$\{([\w:.]+)\}", value_of, text)

    def _holds(self, condition: Any) -> bool:
        match condition:
            case None:
                return True
            case str() as name:
                return self._holds(self.content["Conditions"][name])
            case {"Condition": name}:
                return self._holds(name)
            case {"Fn::Equals": [left, right]}:
                return str(self.value(left)) == str(self.value(right))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": inner}:
                return all(map(self._holds, inner))
            case {"Fn::Or": inner}:
                return any(map(self._holds, inner))
            case _:
                raise AssertionError(f"the condition {condition} is not known here")


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    key = name if name in _WITHOUT_PREFIX else f"Fn::{name}"
    match node:
        case yaml.ScalarNode(value=value):
            return {key: value.split(".", 1) if name == "GetAtt" else value}
        case yaml.SequenceNode():
            return {key: loader.construct_sequence(node, deep=True)}
        case _:
            return {key: loader.construct_mapping(node, deep=True)}


# A class of its own, so that no other reader of YAML gets the tags of CloudFormation.
_Loader: Any = type("_Loader", (yaml.SafeLoader,), {})
_Loader.add_multi_constructor("!", _function)
