"""Reads CloudFormation's YAML: its short tags become the functions they stand for."""

from typing import Any

import yaml

# The only functions whose long names do not begin with `Fn::`.
_WITHOUT_PREFIX = {"Ref", "Condition"}


class CloudFormationLoader(yaml.SafeLoader):
    """PyYAML's safe loader, which besides knows tags such as !Ref and !GetAtt."""


def load(text: str) -> dict[str, Any]:
    """Return a template as CloudFormation's JSON has it."""
    template: dict[str, Any] = yaml.load(text, CloudFormationLoader)  # noqa: S506 - a safe loader
    return template


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    key = name if name in _WITHOUT_PREFIX else f"Fn::{name}"
    match node:
        case yaml.ScalarNode(value=value):
            return {key: value.split(".", 1) if name == "GetAtt" else value}
        case yaml.SequenceNode():
            return {key: loader.construct_sequence(node, deep=True)}
        case _:
            assert isinstance(node, yaml.MappingNode)
            return {key: loader.construct_mapping(node, deep=True)}


CloudFormationLoader.add_multi_constructor("!", _function)  # type: ignore[no-untyped-call]
