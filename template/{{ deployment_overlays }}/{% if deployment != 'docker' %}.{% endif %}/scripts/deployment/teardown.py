"""Deleting an environment, with or without the conversations."""

from scripts.deployment import texts
from scripts.deployment.account import Account
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError
from scripts.deployment.history import History
from scripts.deployment.names import ARTIFACTS_STACK, secret_name
from scripts.deployment.retained_parts import can_delete, delete_part
from scripts.deployment.secret_settings import SecretStore
from scripts.deployment.stacks import TABLE_TYPE, Resource, Stack, Stacks
from scripts.deployment.template_parameters import retained_ids


class Teardown:
    """Deletes the stack of an environment."""

    def __init__(self, account: Account, console: Console, environment: str) -> None:
        self._account = account
        self._console = console
        self._environment = environment
        self._stacks = Stacks(account, console)

    def destroy(self, stack: Stack, *, delete_data: bool) -> None:
        """Show what goes and what stays, ask for the stack's name, and delete.

        With `delete_data` what the template retains goes too, and the secret.

        Raises:
            DeploymentError: an operation is under way, the name was not typed, or a part remains.
        """
        if stack.is_busy:
            raise DeploymentError(texts.STACK_BUSY.format(stack=stack.name, status=stack.status))
        parts = sorted(self._stacks.resources(stack.stack_id), key=lambda part: part.logical_id)
        kept_ids = retained_ids(self._stacks.template(stack.name))
        retained = [part for part in parts if part.logical_id in kept_ids and part.physical_id]
        stays = [part for part in retained if not delete_data or not can_delete(part)]
        self._show(parts, stays, delete_data=delete_data)
        self._require_name(stack.name)
        self._stacks.delete(stack)
        if delete_data:
            for part in retained:
                if can_delete(part):
                    delete_part(self._account, part)
            SecretStore(self._account, self._environment).delete()
        History(self._account, self._environment).forget()
        self._console.say(texts.DESTROYED.format(stack=stack.name))
        for part in stays:
            if part.resource_type == TABLE_TYPE:
                self._console.say(texts.TABLE_STAYS.format(table=part.physical_id))

    def _show(self, parts: list[Resource], stays: list[Resource], *, delete_data: bool) -> None:
        secret = secret_name(self._environment)
        self._console.say(texts.DELETES)
        for part in parts:
            if part not in stays:
                self._console.say(f"  - {_line(part)}")
        if delete_data:
            self._console.say(f"  - {texts.SECRETS_GOES.format(name=secret)}")
        self._console.say(texts.STAYS)
        for part in stays:
            self._console.say(f"  = {_line(part)}")
        if not delete_data:
            self._console.say(f"  = {texts.SECRETS_STAYS.format(name=secret)}")
        self._console.say(f"  = {texts.ARTIFACTS_STAY.format(stack=ARTIFACTS_STACK)}")

    def _require_name(self, name: str) -> None:
        if self._console.assumes_yes:
            return
        if self._console.ask(texts.TYPE_NAME.format(stack=name)).strip() != name:
            raise DeploymentError(texts.NOTHING_DONE)


def _line(part: Resource) -> str:
    return f"{part.logical_id} ({part.resource_type}) {part.physical_id}"
