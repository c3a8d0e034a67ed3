"""Pins the base image of the Dockerfile to its digest: `uv run python -m scripts.pin_base_image`.

Asks the registry which digest the tag has now and writes it into every FROM line, as
`image:tag@sha256:…`. Repeat it when the tag has been rebuilt, for instance with security fixes.
Where no registry can be reached nothing is written.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

DOCKERFILE = Path(__file__).resolve().parent.parent / "Dockerfile"

_TIMEOUT_SECONDS = 15
_DOCKER_HUB = "registry-1.docker.io"
# An image for several processors is an index; without these a registry would name one of its parts.
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_FROM = re.compile(
    r"^(?P<before>FROM +(?:--\S+ +)*)(?P<name>[^\s@:]+(?::\d+/[^\s@:]+)?):(?P<tag>[^\s@:/]+)"
    r"(?:@sha256:[0-9a-f]{64})?",
    re.MULTILINE,
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class PinError(Exception):
    """Nothing was written; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image as a FROM line names it, for example `python:3.13-slim`."""

    name: str
    tag: str

    @property
    def registry(self) -> str:
        """The registry's host; as in `docker pull`, the first part is one if it looks like one."""
        host, slash, _ = self.name.partition("/")
        is_host = slash and ("." in host or ":" in host or host == "localhost")
        return host if is_host else _DOCKER_HUB

    @property
    def repository(self) -> str:
        """Where it is in the registry; Docker's own images are in `library`."""
        path = self.name.removeprefix(f"{self.registry}/")
        return path if "/" in path or self.registry != _DOCKER_HUB else f"library/{path}"

    def __str__(self) -> str:
        return f"{self.name}:{self.tag}"


def pin(dockerfile: Path, registry_url: str | None = None) -> list[str]:
    """Write the digests into the Dockerfile; returns each image with its digest.

    Args:
        registry_url: where to ask instead of the images' own registries, such as a mirror.

    Raises:
        PinError: a registry did not tell a digest; the Dockerfile is as it was.
    """
    text = dockerfile.read_text("utf-8")
    images = {Image(found["name"], found["tag"]) for found in _FROM.finditer(text)}
    if not images:
        raise PinError(f"{dockerfile} has no line such as FROM image:tag.")
    with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=True) as http:
        digests = {image: _digest(http, image, registry_url) for image in sorted(images, key=str)}

    def pinned(found: re.Match[str]) -> str:
        image = Image(found["name"], found["tag"])
        return f"{found['before']}{image}@{digests[image]}"

    dockerfile.write_text(_FROM.sub(pinned, text), "utf-8", newline="\n")
    return [f"{image}@{digest}" for image, digest in digests.items()]


def _digest(http: httpx.Client, image: Image, registry_url: str | None) -> str:
    url = (registry_url or f"https://{image.registry}").rstrip("/")
    manifest = f"{url}/v2/{image.repository}/manifests/{image.tag}"
    headers = {"Accept": _MANIFESTS}
    try:
        response = http.head(manifest, headers=headers)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            headers["Authorization"] = f"Bearer {_token(http, response)}"
            response = http.head(manifest, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PinError(
            f"The registry {url} cannot be reached ({type(error).__name__}); "
            "try again where it can, or name a mirror with --registry."
        ) from error
    if response.status_code != httpx.codes.OK:
        raise PinError(_refusal(image, url, response.status_code))
    digest = response.headers.get("Docker-Content-Digest", "")
    if not _DIGEST.fullmatch(digest):
        raise PinError(f"The registry {url} does not tell the digest of {image}.")
    return str(digest)


def _token(http: httpx.Client, refused: httpx.Response) -> str:
    """Return the token for reading that the registry's answer says where to get; it needs no login.

    Source: Docker's "Token Authentication Specification", which other registries follow.
    """
    challenge = dict(_CHALLENGE.findall(refused.headers.get("WWW-Authenticate", "")))
    realm = challenge.pop("realm", "")
    if not realm:
        return ""
    answer = http.get(realm, params=challenge)
    try:
        told = answer.json()
        return str(told.get("token") or told.get("access_token") or "")
    except (ValueError, AttributeError):
        return ""


def _refusal(image: Image, url: str, status: int) -> str:
    match status:
        case 404:
            return f"The registry {url} has no {image}; correct the tag in the Dockerfile."
        case 401 | 403:
            return f"The registry {url} lets nobody read {image} without a login."
        case 429:
            return f"The registry {url} had too many requests; try again in an hour."
        case _:
            return f"The registry {url} answered {status} for {image}; try again later."


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.pin_base_image")
    parser.add_argument("--registry", metavar="URL", help="ask this one, for instance a mirror")
    try:
        print("\n".join(pin(DOCKERFILE, parser.parse_args().registry)))
    except PinError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
