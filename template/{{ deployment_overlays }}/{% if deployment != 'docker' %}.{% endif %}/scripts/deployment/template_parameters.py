"""The parameters of a stack's template: what the owner wrote, what was typed, what is computed."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment import texts
from scripts.deployment.errors import DeploymentError

# In the bot's folder, where `python -m scripts.deploy` is run.
_FOLDER = Path("cloudformation")
ARTIFACTS_TEMPLATE = _FOLDER / "artifacts.yaml"
STACK_TEMPLATE = _FOLDER / "stack.yaml"
# CloudFormation takes no longer template in a request.
_TEMPLATE_BYTES = 51_200


@dataclass(frozen=True, slots=True)
class Template:
    """A template, with the parameters that it declares and the default of those that have one."""

    text: str
    names: frozenset[str]
    defaults: Mapping[str, str]

    def complete(self, *sources: Mapping[str, str]) -> dict[str, str]:
        """Return a value for every parameter, the later source's before the earlier's.

        Raises:
            DeploymentError: a parameter is not declared, or has no value.
        """
        given = {name: value for source in sources for name, value in source.items()}
        if unknown := sorted(given.keys() - self.names):
            raise DeploymentError(
                texts.PARAMETER_UNKNOWN.format(name=unknown[0], known=", ".join(sorted(self.names)))
            )
        values = {**self.defaults, **given}
        if missing := sorted(self.names - values.keys()):
            raise DeploymentError(texts.PARAMETER_MISSING.format(name=", ".join(missing)))
        return values

    def only_declared(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return of these values those whose parameter the template declares."""
        return {name: value for name, value in values.items() if name in self.names}


def read_template(cloudformation: Any, path: Path) -> Template:
    """Read a template, and have CloudFormation say what it declares.

    Raises:
        DeploymentError: there is no such file, or CloudFormation finds a fault in it.
    """
    try:
        text = _fitting(path.read_text("utf-8"))
    except FileNotFoundError:
        raise DeploymentError(texts.FILE_MISSING.format(path=path.as_posix())) from None
    if len(text.encode()) > _TEMPLATE_BYTES:
        raise DeploymentError(
            texts.TEMPLATE_TOO_LONG.format(path=path.as_posix(), limit=_TEMPLATE_BYTES)
        )
    try:
        summary = cloudformation.get_template_summary(TemplateBody=text)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        reason = error.response["Error"].get("Message", "")
        raise DeploymentError(
            texts.TEMPLATE_WRONG.format(path=path.as_posix(), reason=reason)
        ) from error
    declared = summary.get("Parameters", [])
    return Template(
        text,
        frozenset(parameter["ParameterKey"] for parameter in declared),
        {
            parameter["ParameterKey"]: parameter["DefaultValue"]
            for parameter in declared
            if "DefaultValue" in parameter
        },
    )


def written_parameters(environment: str) -> dict[str, str]:
    """Return what the owner wrote for the environment; nothing if there is no such file.

    Raises:
        DeploymentError: the file is no flat JSON object of texts.
    """
    path = _FOLDER / "parameters" / f"{environment}.json"
    try:
        written = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DeploymentError(
            texts.PARAMETERS_UNREADABLE.format(path=path.as_posix(), error=error)
        ) from None
    if not isinstance(written, dict) or any(
        isinstance(value, dict | list) or value is None for value in written.values()
    ):
        raise DeploymentError(texts.PARAMETERS_NOT_FLAT.format(path=path.as_posix()))
    return {name: _text(value) for name, value in written.items()}


def typed_parameters(assignments: Iterable[str]) -> dict[str, str]:
    """Return the parameters of `--parameter Key=Value`.

    Raises:
        DeploymentError: one of them has another form.
    """
    typed = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name.isalnum():
            raise DeploymentError(texts.PARAMETER_FORM.format(given=assignment))
        typed[name] = value
    return typed


def retained_ids(template: str) -> frozenset[str]:
    """Return the parts that the template keeps when the stack is deleted, by their logical ids."""
    retained, current = set(), ""
    for line in template.splitlines():
        if part := re.match(r"  (\w+):\s*$", line):
            current = part[1]
        elif re.match(r"    DeletionPolicy: Retain", line):
            retained.add(current)
    return frozenset(retained)


def _fitting(template: str) -> str:
    """Return the template, without its comments if it is too long with them."""
    if len(template.encode()) <= _TEMPLATE_BYTES:
        return template
    kept: list[str] = []
    block: int | None = None
    for line in template.splitlines(keepends=True):
        text = line.strip()
        indentation = len(line) - len(line.lstrip())
        # In a text of several lines a # begins no comment.
        if block is None or (text and indentation <= block):
            block = indentation if re.search(r"[|>][+-]?$", text) else None
            if not text or text.startswith("#"):
                continue
        kept.append(line)
    return "".join(kept)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
