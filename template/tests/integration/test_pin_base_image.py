"""The digest of the base image, from a registry on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.pin_base_image import Image, PinError, pin
from tests.support.registry_fake import Behaviour, RegistryFake

FIRST, SECOND = "sha256:" + "1" * 64, "sha256:" + "2" * 64
DOCKERFILE = """\
# Not FROM here:latest
FROM python:3.13-slim AS packages
RUN echo FROM
FROM --platform=linux/amd64 python:3.13-slim
COPY --from=packages /a /b
"""
PINNED = """\
# Not FROM here:latest
FROM python:3.13-slim@{digest} AS packages
RUN echo FROM
FROM --platform=linux/amd64 python:3.13-slim@{digest}
COPY --from=packages /a /b
"""


@pytest.fixture
def registry() -> Iterator[RegistryFake]:
    server = RegistryFake(Behaviour({"library/python:3.13-slim": FIRST}))
    yield server
    server.close()


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    file = tmp_path / "Dockerfile"
    file.write_text(DOCKERFILE, "utf-8")
    return file


@pytest.mark.parametrize("asks_for_token", [True, False])
def test_every_from_line_gets_the_digest_of_its_tag(
    registry: RegistryFake, dockerfile: Path, asks_for_token: bool
) -> None:
    registry.behaviour.asks_for_token = asks_for_token

    assert pin(dockerfile, registry.url) == [f"python:3.13-slim@{FIRST}"]

    assert dockerfile.read_text("utf-8") == PINNED.format(digest=FIRST)


def test_repeated_it_writes_the_digest_that_the_tag_has_now(
    registry: RegistryFake, dockerfile: Path
) -> None:
    pin(dockerfile, registry.url)
    registry.behaviour.digests["library/python:3.13-slim"] = SECOND

    pin(dockerfile, registry.url)

    assert dockerfile.read_text("utf-8") == PINNED.format(digest=SECOND)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour({}), "has no python:3.13-slim"),
        (Behaviour({}, status=403), "without a login"),
        (Behaviour({}, status=429), "too many requests"),
        (Behaviour({}, status=500), "answered 500"),
        (Behaviour({"library/python:3.13-slim": "md5:1"}), "does not tell the digest"),
    ],
)
def test_a_refusal_is_told_in_one_sentence_and_nothing_is_written(
    registry: RegistryFake, dockerfile: Path, behaviour: Behaviour, words: str
) -> None:
    registry.behaviour = behaviour

    with pytest.raises(PinError, match=words) as refused:
        pin(dockerfile, registry.url)

    assert "\n" not in str(refused.value)
    assert dockerfile.read_text("utf-8") == DOCKERFILE


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nowhere", "http://[", "ftp://127.0.0.1"])
def test_a_registry_that_cannot_be_reached_is_named(dockerfile: Path, url: str) -> None:
    with pytest.raises(PinError, match="cannot be reached"):
        pin(dockerfile, url)

    assert dockerfile.read_text("utf-8") == DOCKERFILE


def test_a_dockerfile_without_a_tag_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM scratch\n", "utf-8")

    with pytest.raises(PinError, match="no line such as FROM"):
        pin(file)


@pytest.mark.parametrize(
    ("name", "registry", "repository"),
    [
        ("python", "registry-1.docker.io", "library/python"),
        ("bitnami/python", "registry-1.docker.io", "bitnami/python"),
        ("public.ecr.aws/docker/library/python", "public.ecr.aws", "docker/library/python"),
        ("localhost:5000/python", "localhost:5000", "python"),
    ],
)
def test_an_image_is_asked_of_its_own_registry(name: str, registry: str, repository: str) -> None:
    image = Image(name, "3.13")

    assert (image.registry, image.repository) == (registry, repository)
