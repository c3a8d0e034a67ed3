"""Planning and making a deploy, and going back to an earlier one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.deployment import artifact, texts
from scripts.deployment.account import Account
from scripts.deployment.change_sets import ChangeSet, ChangeSets, StackFailed, Wanted
from scripts.deployment.console import Console
from scripts.deployment.deployed_bot import Credential, DeployedBot
from scripts.deployment.errors import DeploymentError
from scripts.deployment.half_made import make_way
from scripts.deployment.history import Artifact, History
from scripts.deployment.model_access import check_model_access
from scripts.deployment.names import ARTIFACTS_STACK, SLUG, stack_name
from scripts.deployment.retained_parts import can_delete, delete_part
from scripts.deployment.secret_settings import SecretStore, StoredSecret
from scripts.deployment.smoke import smoke_test
from scripts.deployment.stacks import Stack, Stacks
from scripts.deployment.template_parameters import (
    ARTIFACTS_TEMPLATE,
    STACK_TEMPLATE,
    Template,
    read_template,
    written_parameters,
)

Addresses = Callable[[Mapping[str, str]], Mapping[str, str]]
# What CloudFormation shows instead of a parameter's secret value.
_HIDDEN = "****"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deploy is asked for: where, with which parameters, and tested with what.

    `addresses` turns a stack's outputs into addresses that can be reached from here.
    """

    environment: str
    parameters: Mapping[str, str]
    credential: Credential | None = None
    allow_replacement: bool = False
    service_role: str | None = None
    addresses: Addresses = dict


class Deployer:
    """One environment of the bot in one account."""

    def __init__(self, account: Account, console: Console, settings: Settings) -> None:
        self._account = account
        self._console = console
        self._settings = settings
        self._name = stack_name(settings.environment)
        self._stacks = Stacks(account, console)
        self._change_sets = ChangeSets(self._stacks, console, settings.service_role)
        self._secrets = SecretStore(account, settings.environment)
        self._history = History(account, settings.environment)

    def plan(self) -> None:
        """Print what a deploy would change, and leave nothing behind.

        Raises:
            DeploymentError: the stack is in no state to be changed, or something is missing.
        """
        template = self._template()
        given = self._given(template)
        stack = self._stacks.find(self._name)
        if stack is not None and not stack.is_sound:
            raise DeploymentError(texts.CANNOT_PLAN.format(stack=self._name, status=stack.status))
        assumed = _artifact_of_before(artifact.assumed(given), stack)
        secret = self._secrets.read()
        if secret is None:
            self._console.say(texts.PLAN_WITHOUT_SECRETS.format(environment=self._environment))
        parameters = template.complete(given, self._computed(template, secret), assumed)
        change_set = self._change_sets.prepare(self._wanted(template.text, parameters))
        if change_set is None:
            self._console.say(texts.NOTHING_TO_CHANGE.format(stack=self._name))
        else:
            self._console.say(texts.PLAN.format(stack=self._name))
            self._change_sets.show(change_set)
            self._change_sets.discard(change_set)
        self._console.say(texts.PLAN_IS_WITHOUT_ARTIFACT)

    def deploy(self, commit: str, artifact_there: Artifact | None = None) -> Artifact:
        """Bring the commit into AWS and test it there; goes back if it does not pass.

        `artifact_there` is one that another deploy has built; without it one is built. Returns
        the artifact that runs.

        Raises:
            DeploymentError: it is not deployed; the message says what there is instead.
        """
        template, artifacts_template = self._template(), self._read(ARTIFACTS_TEMPLATE)
        given = self._given(template)
        if artifact_there is None:
            artifact.require_tools(given)
        secret = self._required_secret(given)
        computed = self._computed(template, secret)
        template.complete(given, computed, artifact.assumed(given))
        before = self._state(make_way(self._account, self._stacks, self._console, self._name))
        make_way(self._account, self._stacks, self._console, ARTIFACTS_STACK)
        # An emulated AWS has no models; what answers there is given with its address.
        if given.get("LlmProvider") != "offline" and self._account.emulator_url is None:
            model = given.get("BedrockModelArn") or given["BedrockModelId"]
            check_model_access(self._account, self._console, model)
        built = artifact_there
        if built is None:
            artifacts = self._apply(Wanted(ARTIFACTS_STACK, artifacts_template.text, {}))
            built = artifact.build(self._account, self._console, artifacts.outputs, given, commit)
        wanted = self._wanted(template.text, template.complete(given, computed, built))
        stack = self._apply(wanted)
        if not self.smoke(stack):
            self._go_back(before)
        self._history.add(_artifact_of(stack))
        self._console.say(texts.DEPLOYED.format(stack=self._name, commit=commit))
        self.show_outputs(stack)
        return _artifact_of(stack)

    def rollback(self) -> None:
        """Bring back the artifact of the deploy before; all else stays as it is.

        Raises:
            DeploymentError: there is none, or the bot fails with it too.
        """
        stack = self.existing_stack()
        if not stack.is_sound:
            raise DeploymentError(texts.STACK_BUSY.format(stack=self._name, status=stack.status))
        history = self._history.before(_artifact_of(stack))
        if not history:
            raise DeploymentError(texts.NOTHING_TO_GO_BACK_TO.format(stack=self._name))
        self._console.say(texts.GOING_BACK_TO.format(artifact=_shown(history[-1])))
        stack = self._apply(self._with_artifact(stack, history[-1]))
        if not self.smoke(stack):
            raise DeploymentError(texts.ROLLED_BACK_AND_FAILED.format(stack=self._name))
        self._history.save(history)
        self._console.say(texts.ROLLED_BACK.format(artifact=_shown(history[-1])))

    def smoke(self, stack: Stack) -> bool:
        """Test the bot of the stack from outside; returns whether it passed."""
        self._console.say(texts.SMOKE)
        is_local = self._account.emulator_url is not None
        outputs, credential = self.outputs(stack), self._settings.credential
        return smoke_test(DeployedBot.of(outputs, credential, is_local=is_local), self._console)

    def status(self, events: int) -> None:
        """Print how the stack is, its outputs and its last events.

        Raises:
            DeploymentError: there is no stack.
        """
        stack = self.existing_stack()
        self._console.say(f"{stack.name}: {stack.status} {stack.reason}".rstrip())
        self._console.say(f"  {_shown(_artifact_of(stack))}")
        self.show_outputs(stack)
        self._console.say(texts.LAST_EVENTS)
        for event in reversed(self._stacks.latest_events(stack.stack_id, events)):
            self._console.say(f"  {event}")

    def existing_stack(self) -> Stack:
        """Return the environment's stack.

        Raises:
            DeploymentError: there is none.
        """
        stack = self._stacks.find(self._name)
        if stack is None:
            raise DeploymentError(
                texts.NO_STACK.format(stack=self._name, region=self._account.region)
            )
        return stack

    def outputs(self, stack: Stack) -> Mapping[str, str]:
        """Return the stack's outputs, with addresses that can be reached from here."""
        return self._settings.addresses(stack.outputs)

    def show_outputs(self, stack: Stack) -> None:
        """Print the outputs, a line for each."""
        for name, value in sorted(self.outputs(stack).items()):
            self._console.say(f"  {name}: {value}")

    @property
    def _environment(self) -> str:
        return self._settings.environment

    def _template(self) -> Template:
        return self._read(STACK_TEMPLATE)

    def _read(self, path: Path) -> Template:
        return read_template(self._stacks.client, path)

    def _given(self, template: Template) -> dict[str, str]:
        written = written_parameters(self._environment)
        return {**template.defaults, **written, **self._settings.parameters}

    def _computed(self, template: Template, secret: StoredSecret | None) -> dict[str, str]:
        stand_in = f"arn:aws:secretsmanager:{self._account.region}:000000000000:secret:none"
        return {
            "Environment": self._environment,
            "SettingsSecretArn": secret.arn if secret else stand_in,
            # So that the bot starts anew, and reads its settings, when one of them was changed.
            **template.only_declared({"SettingsVersion": secret.version if secret else "none"}),
        }

    def _required_secret(self, given: Mapping[str, str]) -> StoredSecret:
        secret = self._secrets.read()
        if secret is None:
            raise DeploymentError(texts.NO_SECRETS.format(environment=self._environment))
        secret.require(given, self._environment)
        return secret

    def _wanted(self, template: str | None, parameters: Mapping[str, str]) -> Wanted:
        tags = {"project": SLUG, "environment": self._environment}
        return Wanted(self._name, template, parameters, tags=tags)

    def _apply(self, wanted: Wanted) -> Stack:
        """Make the stack as it is wanted, and return it."""
        change_set = self._change_sets.prepare(wanted)
        if change_set is None:
            self._console.say(texts.NOTHING_TO_CHANGE.format(stack=wanted.stack_name))
            stack = self._stacks.find(wanted.stack_name)
            assert stack is not None
            return stack
        self._console.say(texts.CHANGES.format(stack=wanted.stack_name))
        self._change_sets.show(change_set)
        self._require_consent(change_set)
        try:
            return self._change_sets.execute(change_set)
        except StackFailed as failure:
            # Made a moment ago for a stack that is none, so that nobody has written into them.
            for part in filter(can_delete, failure.kept):
                self._console.say(texts.REMOVING_KEPT.format(part=part.physical_id))
                delete_part(self._account, part)
            raise

    def _require_consent(self, change_set: ChangeSet) -> None:
        if not change_set.dangers or self._settings.allow_replacement:
            return
        # --yes stands for the everyday questions, not for the loss of conversations.
        if self._console.assumes_yes or not self._console.confirm(texts.REPLACE_DATA):
            self._change_sets.discard(change_set)
            raise DeploymentError(texts.REPLACEMENT_REFUSED)

    def _state(self, stack: Stack | None) -> Wanted | None:
        """Return how to get back to how the stack is now."""
        if stack is None:
            return None
        visible = {name: value for name, value in stack.parameters.items() if value != _HIDDEN}
        hidden = tuple(stack.parameters.keys() - visible.keys())
        tags = {"project": SLUG, "environment": self._environment}
        return Wanted(self._name, self._stacks.template(self._name), visible, hidden, tags)

    def _go_back(self, before: Wanted | None) -> None:
        """Bring back what was before a deploy that did not pass; ends with an error in any case."""
        if before is None:
            raise DeploymentError(
                texts.FIRST_DEPLOY_FAILED.format(stack=self._name, environment=self._environment)
            )
        self._console.say(texts.GOING_BACK)
        change_set = self._change_sets.prepare(before)
        if change_set is None:
            raise DeploymentError(texts.UNCHANGED_AND_FAILED.format(stack=self._name))
        stack = self._change_sets.execute(change_set)
        is_well = self.smoke(stack)
        message = texts.WENT_BACK if is_well else texts.WENT_BACK_AND_FAILED
        raise DeploymentError(message.format(artifact=_shown(_artifact_of(stack))))

    def _with_artifact(self, stack: Stack, chosen: Artifact) -> Wanted:
        kept = tuple(sorted(stack.parameters.keys() - chosen.keys()))
        tags = {"project": SLUG, "environment": self._environment}
        return Wanted(self._name, None, chosen, kept, tags)


def _artifact_of(stack: Stack) -> Artifact:
    return {
        name: stack.parameters[name] for name in artifact.PARAMETERS if name in stack.parameters
    }


def _artifact_of_before(assumed: Artifact, stack: Stack | None) -> Artifact:
    """Return the artifact that the stack has, or what is assumed where it has none of that kind."""
    there = stack.parameters if stack else {}
    return {name: there.get(name) or value for name, value in assumed.items()}


def _shown(chosen: Artifact) -> str:
    return ", ".join(f"{name}={value}" for name, value in chosen.items() if value)
