"""What the tests of the protocol ask and a bot behind API Gateway does otherwise.

docs/deployment.md tells what of it a client can see.
"""

from importlib import import_module
from pkgutil import iter_modules

from tests.support.transport_limit import Limit

LIMITS: tuple[Limit, ...] = tuple(
    limit
    for module in iter_modules(__path__)
    for limit in import_module(f"{__name__}.{module.name}").LIMITS
)
