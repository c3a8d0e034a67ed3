"""Asking for the secret settings, and storing them; no value is ever printed."""

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.deployment import texts
from scripts.deployment.account import Account
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError
from scripts.deployment.names import secret_name
from scripts.deployment.secret_settings import (
    SECRET_SETTINGS,
    SecretSetting,
    SecretStore,
    Values,
    values_of_file,
    with_generated,
)

_REMOVE = "-"


@dataclass(frozen=True, slots=True)
class SecretsRequest:
    """What to do: take a file's values, generate some, or else ask for each."""

    from_file: Path | None
    generate: list[str]
    keys_file: Path | None


def change_secrets(
    account: Account, console: Console, environment: str, request: SecretsRequest
) -> None:
    """Change the environment's secret as requested, and print which settings it has then.

    Raises:
        DeploymentError: a name or a value is wrong, or there is nobody to ask; nothing is changed.
    """
    store = SecretStore(account, environment)
    stored = store.read()
    before = stored.values if stored else {}
    if request.from_file is not None:
        after = {**before, **values_of_file(request.from_file)}
    elif request.generate:
        after = dict(before)
    else:
        after = _asked(console, before)
    after, generated = with_generated(after, request.generate)
    if generated:
        _keep(request.keys_file, generated)
    store.write(after)
    console.say(texts.SECRETS_STORED.format(name=secret_name(environment)))
    for setting in SECRET_SETTINGS:
        state = texts.IS_SET if after.get(setting.name) else texts.IS_EMPTY
        console.say(f"  {setting.name}: {state}")
    if generated:
        console.say(texts.KEYS_WRITTEN.format(path=request.keys_file))
    if after != before:
        console.say(texts.SECRETS_NEED_DEPLOY.format(environment=environment))


def _asked(console: Console, before: Values) -> Values:
    if not sys.stdin.isatty():
        raise DeploymentError(texts.SECRETS_NOT_ASKED)
    console.say(texts.SECRETS_HOW)
    return {setting.name: _ask(console, setting, before) for setting in SECRET_SETTINGS}


def _ask(console: Console, setting: SecretSetting, before: Values) -> str:
    """Return what is typed, asking again until it has the right form."""
    old = before.get(setting.name, "")
    state = texts.IS_SET if old else texts.IS_EMPTY
    form = " key:name,key:name" if setting.has_named_keys else ""
    while True:
        typed = getpass.getpass(f"{setting.name} [{state}]{form}: ").strip()
        if typed == _REMOVE:
            return ""
        try:
            return setting.checked(typed) if typed else old
        except DeploymentError as error:
            console.say(str(error))


def _keep(path: Path | None, generated: Values) -> None:
    """Write the generated values where only their owner can read them, and nothing else is."""
    if path is None:
        raise DeploymentError(texts.KEYS_FILE_NEEDED)
    lines = [f"{name.partition('=')[0]}={value}\n" for name, value in generated.items()]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise DeploymentError(texts.KEYS_FILE_REFUSED.format(path=path, error=error)) from None
