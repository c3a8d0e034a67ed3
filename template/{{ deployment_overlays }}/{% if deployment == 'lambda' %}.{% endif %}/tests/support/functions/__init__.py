"""The bot's functions by the names of their modules, as an execution environment makes them."""

from importlib import import_module
from pkgutil import iter_modules

from tests.support.execution_environments import MakeHandle

FUNCTIONS: dict[str, MakeHandle] = {
    module.name: import_module(f"{__name__}.{module.name}").make
    for module in iter_modules(__path__)
}
