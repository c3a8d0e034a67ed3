"""A registry of container images: as much of its API as tells the digest of a tag."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from tests.support.wire_server import Exchange, WireRequest, WireServer

TOKEN = "for-reading"


@dataclass(slots=True)
class Behaviour:
    """What the registry has and how it answers; `status` is its answer to whoever has a token."""

    digests: dict[str, str] = field(default_factory=dict)
    asks_for_token: bool = True
    status: int = 200


class RegistryFake(WireServer):
    """Knows the digests of `repository:tag`."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__()
        self.behaviour = behaviour

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        url = urlsplit(request.path)
        if url.path == "/token":
            scope = dict(parse_qsl(url.query))["scope"]
            assert scope.endswith(":pull"), scope
            await exchange.respond_json(200, {"token": TOKEN})
            return
        assert request.method == "HEAD"
        repository, _, tag = url.path.removeprefix("/v2/").partition("/manifests/")
        if self.behaviour.asks_for_token and "authorization" not in request.headers:
            realm = f'Bearer realm="{self.url}/token",service="fake",scope="repository:{repository}:pull"'
            await exchange.respond(401, headers={"www-authenticate": realm})
            return
        digest = self.behaviour.digests.get(f"{repository}:{tag}")
        if self.behaviour.status != 200 or digest is None:
            await exchange.respond(404 if self.behaviour.status == 200 else self.behaviour.status)
            return
        await exchange.respond(200, headers={"docker-content-digest": digest})
