"""The zip package that AWS Lambda runs: the bot and the packages of pins.txt.

Limits of a package: AWS Lambda quotas, "Deployment package (.zip file archive) size".
"""

import fnmatch
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from botocore.exceptions import ClientError

from scripts.deployment import package_texts
from scripts.deployment.account import Account, error_code
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError
from scripts.deployment.names import SLUG
from scripts.slim_packages import SlimError, slim

UNPACKED_BYTES = 250 * 1024 * 1024
_INSTALL_SECONDS = 600
_LARGEST = 5
# The oldest date that a zip file can have; a real one would make every package another.
_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16
# What the image is built with; the package is installed already.
_FOR_INSTALLING = ("pins.txt", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Target:
    """What the package is for; on this machine the emulated AWS runs it, else Lambda does."""

    python_version: str
    architecture: str = "x86_64"
    is_this_machine: bool = False

    @property
    def platform(self) -> str:
        """The platform as uv names it. Python 3.11 runs on Amazon Linux 2, which has glibc 2.26."""
        processor = "aarch64" if self.architecture == "arm64" else self.architecture
        return f"{processor}-manylinux{'2014' if self.python_version == '3.11' else '_2_28'}"


@dataclass(frozen=True, slots=True)
class Package:
    """A package; `content_hash` is the same whenever the files in it are."""

    path: Path
    content_hash: str
    unpacked_bytes: int


def require_uv() -> list[str]:
    """Return the command that runs uv.

    Raises:
        DeploymentError: uv is not installed.
    """
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    if uv := shutil.which("uv"):
        return [uv]
    raise DeploymentError(package_texts.UV_MISSING)


def build_package(target: Target, folder: Path, console: Console) -> Package:
    """Install what the bot needs, add the bot of this folder, and zip it all in `folder`.

    Raises:
        DeploymentError: a package has no build for the target or another hash than in pins.txt, or
            all together is more than Lambda takes.
    """
    content = folder / "content"
    console.say(package_texts.PACKAGE_INSTALLING.format(python=target.python_version))
    _install(target, content)
    try:
        slim(content)
    except SlimError as error:
        raise DeploymentError(str(error)) from error
    for name in _files_of_the_bot():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(name, content / name)
    unpacked = _require_size(content)
    path = folder / "package.zip"
    return Package(path, _zip(content, path), unpacked)


def upload_package(account: Account, console: Console, package: Package, bucket: str) -> str:
    """Upload the package, unless its like is there; returns its key."""
    s3 = account.client("s3")
    key = f"{SLUG}/{package.content_hash}.zip"
    sizes = {
        "packed": _megabytes(package.path.stat().st_size),
        "unpacked": _megabytes(package.unpacked_bytes),
    }
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error_code(error) not in ("404", "NoSuchKey", "NotFound"):
            raise
        console.say(package_texts.PACKAGE_UPLOADING.format(**sizes))
        s3.upload_file(str(package.path), bucket, key)
    else:
        console.say(package_texts.PACKAGE_THERE.format(**sizes))
    return key


def _install(target: Target, content: Path) -> None:
    where = ["--target", str(content), "--only-binary", ":all:", "--quiet"]
    if target.is_this_machine:
        where += ["--python", sys.executable]
    else:
        where += ["--python-platform", target.platform, "--python-version", target.python_version]
    pinned = ["--require-hashes", "-r", "pyproject.toml", "-c", "pins.txt"]
    owners = ["--group", "owner", "-c", "pins.txt"]
    for requirements in (pinned, owners):
        _uv(["pip", "install", *requirements, *where])
    # uv's lock, and commands that nobody runs in Lambda.
    (content / ".lock").unlink(missing_ok=True)
    shutil.rmtree(content / "bin", ignore_errors=True)


def _uv(arguments: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            [*require_uv(), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise DeploymentError(
            package_texts.PACKAGE_TOO_SLOW.format(minutes=_INSTALL_SECONDS // 60)
        ) from None
    if done.returncode:
        raise DeploymentError(package_texts.PACKAGE_NOT_INSTALLED.format(error=done.stderr.strip()))


def _files_of_the_bot() -> Iterator[PurePosixPath]:
    """Yield what .dockerignore lets through, which is what the image has of the bot."""
    patterns = [
        line.strip()
        for line in Path(".dockerignore").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    kept = [pattern[1:].rstrip("/") for pattern in patterns if pattern.startswith("!")]
    left_out = [p for p in patterns if not p.startswith("!") and p != "*"]
    for top in sorted(kept):
        found = Path(top)
        for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
            name = PurePosixPath(path.as_posix())
            if path.is_file() and not _is_left_out(name, left_out):
                yield name


def _is_left_out(name: PurePosixPath, patterns: list[str]) -> bool:
    if name.as_posix() in _FOR_INSTALLING:
        return True
    levels = [name, *name.parents]
    for pattern in patterns:
        if pattern.startswith("**/"):
            if any(fnmatch.fnmatch(level.name, pattern[3:]) for level in levels):
                return True
        elif any(fnmatch.fnmatch(level.as_posix(), pattern.rstrip("/")) for level in levels):
            return True
    return False


def _require_size(content: Path) -> int:
    sizes: Counter[str] = Counter()
    for path in content.rglob("*"):
        if path.is_file():
            sizes[path.relative_to(content).parts[0]] += path.stat().st_size
    total = sizes.total()
    if total > UNPACKED_BYTES:
        largest = ", ".join(f"{name} {_megabytes(n)}" for name, n in sizes.most_common(_LARGEST))
        raise DeploymentError(
            package_texts.PACKAGE_TOO_LARGE.format(
                size=_megabytes(total), limit=_megabytes(UNPACKED_BYTES), largest=largest
            )
        )
    return total


def _zip(content: Path, path: Path) -> str:
    """Zip the folder, the same files to the same bytes, and return the hash of its files."""
    digest = hashlib.sha256()
    files = sorted(file for file in content.rglob("*") if file.is_file())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for file in files:
            name = file.relative_to(content).as_posix()
            data = file.read_bytes()
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _FILE_MODE
            package.writestr(entry, data)
    return digest.hexdigest()


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
