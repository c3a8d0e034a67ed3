"""The task of the stack, and the settings that the bot finds in it."""

from typing import Any

from tests.support.cloudformation import Template


def container_of(stack: Template) -> dict[str, Any]:
    """Return the definition of the task's one container."""
    ((_, task),) = stack.resources("AWS::ECS::TaskDefinition")
    (container,) = task["ContainerDefinitions"]
    assert isinstance(container, dict)
    return container


def settings_of(stack: Template) -> dict[str, str]:
    """Return the settings by their fields' names, with something for each secret."""
    container = container_of(stack)
    values = {entry["Name"]: entry["Value"] for entry in container["Environment"]}
    # Every secret may have this form, and some must.
    values |= {entry["Name"]: f"a-key-of-{entry['Name']}:Rita" for entry in container["Secrets"]}
    return {name.lower(): value for name, value in values.items() if value}
