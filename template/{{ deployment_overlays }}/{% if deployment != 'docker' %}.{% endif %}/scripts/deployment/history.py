"""The artifacts of the deploys that passed the smoke test, the newest last."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment import texts
from scripts.deployment.account import Account, error_code
from scripts.deployment.names import SLUG, history_name

# Also the most that one goes back.
_LENGTH = 10

Artifact = dict[str, str]


class History:
    """What was deployed to an environment, kept in a parameter of Systems Manager."""

    def __init__(self, account: Account, environment: str) -> None:
        self._client = account.client("ssm")
        self._name = history_name(environment)

    def artifacts(self) -> list[Artifact]:
        """Return the artifacts, each as the parameters of the stack that name it."""
        try:
            value = self._client.get_parameter(Name=self._name)["Parameter"]["Value"]
        except ClientError as error:
            if error_code(error) == "ParameterNotFound":
                return []
            raise
        return _read(value)

    def before(self, current: Mapping[str, str]) -> list[Artifact]:
        """Return the history up to the newest artifact that is not the current one."""
        artifacts = self.artifacts()
        while artifacts and artifacts[-1] == current:
            artifacts.pop()
        return artifacts

    def save(self, artifacts: list[Artifact]) -> None:
        """Replace the history; only the newest ten are kept."""
        self._client.put_parameter(
            Name=self._name,
            Description=texts.HISTORY_DESCRIPTION.format(project=SLUG),
            Value=json.dumps(artifacts[-_LENGTH:]),
            Type="String",
            Overwrite=True,
        )

    def add(self, artifact: Artifact) -> None:
        """Remember a sound deploy, unless it is the newest already."""
        artifacts = self.artifacts()
        if artifacts[-1:] != [artifact]:
            self.save([*artifacts, artifact])

    def forget(self) -> None:
        """Delete the history, if there is one."""
        try:
            self._client.delete_parameter(Name=self._name)
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise


def _read(value: str) -> list[Artifact]:
    try:
        read: Any = json.loads(value)
    except ValueError:
        return []
    is_sound = isinstance(read, list) and all(isinstance(artifact, dict) for artifact in read)
    return read if is_sound else []
