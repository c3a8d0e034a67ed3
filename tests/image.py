"""Builds and starts a bot's image without Docker: the Dockerfile's own lines, folders for layers.

Linux only. Where the kernel allows mounts, the image runs on a read-only root, with a tree of
processes of its own; else only the permissions of its folders keep it from writing. It runs as its
own user without any capability, but for testers who are not root themselves: then it is theirs.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

BUILD_SECONDS = 300
START_SECONDS = 60

# What a build needs to reach a package index from here; the image itself sees none of it.
_NETWORK = ("PIP_", "UV_INDEX", "UV_DEFAULT_INDEX", "SSL_CERT", "REQUESTS_CA")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
# Where the mount of a running image lies.
_MOUNTED = PurePosixPath("/mnt")
_ABSOLUTE = re.compile(r"(?<![\w/.])/(?=(?:opt|build|bot)\b)")


@dataclass(slots=True)
class Image:
    """What a Dockerfile makes: a folder for its root, and how it is started."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health_check: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    def path(self, inside: str) -> Path:
        """Return where a path of the image is on this machine."""
        return self.root / PurePosixPath(self.folder, inside).relative_to("/")

    @property
    def site_packages(self) -> Path:
        """The installed packages."""
        (found,) = self.path("/opt/venv/lib").glob("python*/site-packages")
        return found


def build(context: Path, work: Path, arguments: Mapping[str, str] | None = None) -> Image:
    """Carry out the Dockerfile of the folder `context`; returns its last stage.

    Args:
        work: an empty folder; it gets one folder for each stage, and the base image's stand-in.
        arguments: what `docker build --build-arg` gives.
    """
    work.chmod(0o755)
    base = work / "base"
    subprocess.run([sys.executable, "-m", "venv", str(base)], check=True, timeout=BUILD_SECONDS)
    stages: dict[str, Image] = {}
    variables = dict(arguments or {})
    image = Image(work)
    for keyword, rest in _instructions(context / "Dockerfile"):
        match keyword:
            case "FROM":
                name = rest.partition(" AS ")[2] or "last"
                image = stages[name] = Image(work / name)
                image.root.mkdir()
            case "ARG":
                name, _, default = rest.partition("=")
                variables.setdefault(name, default)
            case "ENV":
                image.environment |= _pairs(rest)
            case "LABEL":
                image.labels |= {
                    name: variables.get(value.removeprefix("$"), value)
                    for name, value in _pairs(rest).items()
                }
            case "WORKDIR":
                image.folder = rest
                image.path(".").mkdir(parents=True)
            case "COPY":
                _copy(rest.split(), context, image, stages)
            case "RUN":
                _run(rest, image, base)
            case "USER":
                image.user = rest
            case "HEALTHCHECK":
                image.health_check = json.loads(rest.partition("CMD ")[2])
            case "ENTRYPOINT":
                image.entrypoint = json.loads(rest)
            case "CMD":
                image.command = json.loads(rest)
            case "EXPOSE":
                pass
            case _:
                raise AssertionError(f"the test knows no {keyword}")
    for path in (image.root, *image.root.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    return image


class Container:
    """An image that runs, and nothing but its environment and the settings with it."""

    def __init__(self, image: Image, settings: Mapping[str, str], *command: str) -> None:
        self._image = image
        self._environment = {**image.environment, **settings}
        self._process = subprocess.Popen(
            self._confined([*image.entrypoint, *(command or image.command)]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def check_health(self) -> subprocess.CompletedProcess[str]:
        """Run the image's health check, as Docker does inside the container."""
        check = self._confined(self._image.health_check)
        return subprocess.run(check, capture_output=True, text=True, timeout=START_SECONDS)

    def stop(self, within: float) -> tuple[int, str]:
        """Send SIGTERM to its first process; returns its exit code and its output.

        Raises:
            subprocess.TimeoutExpired: it did not end in so many seconds; it is killed.
        """
        self._signal(signal.SIGTERM)
        try:
            output, _ = self._process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return self._process.returncode, output

    def kill(self) -> str:
        """End it at once; returns its output."""
        self._signal(signal.SIGKILL)
        output, _ = self._process.communicate(timeout=START_SECONDS)
        return output

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            os.kill(_first_process(self._process.pid), number)

    def _confined(self, command: list[str]) -> list[str]:
        user, _, group = self._image.user.partition(":")
        root = str(_MOUNTED) if PROTECTED_BY == "a read-only root" else str(self._image.root)
        inside = _at(f"cd {self._image.folder} && exec {shlex.join(command)}", root)
        environment = [f"{name}={_at(value, root)}" for name, value in self._environment.items()]
        environment = [line.replace("$PATH", _SYSTEM_PATH) for line in environment]
        confined = ["setpriv", "--no-new-privs"]
        if os.geteuid() == 0:
            confined += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
            confined += ["--bounding-set=-all", "--inh-caps=-all"]
        confined += ["env", "-i", *environment, "sh", "-c", inside]
        if PROTECTED_BY == "permissions":
            return confined
        mounts = (
            f"mount --bind {shlex.quote(str(self._image.root))} {_MOUNTED}"
            " && mount -t tmpfs -o size=64m,mode=1777 tmpfs /tmp"
            f" && mount -o remount,ro,bind {_MOUNTED} && mount -o remount,ro,bind /"
            f" && exec {shlex.join(confined)}"
        )
        # With a tree of processes of its own, in which it is the first, as in a container.
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", mounts]


def _first_process(pid: int) -> int:
    """Return the id of the container's first process, whose parent may be `unshare`."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return int(children[0]) if PROTECTED_BY == "a read-only root" else pid


def _protection() -> str:
    probe = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", "mount -o remount,ro,bind /"]
    may_mount = subprocess.run(probe, capture_output=True).returncode == 0
    return "a read-only root" if may_mount else "permissions"


PROTECTED_BY = _protection()


def _instructions(dockerfile: Path) -> Iterator[tuple[str, str]]:
    lines = dockerfile.read_text("utf-8").splitlines()
    code = "\n".join(line for line in lines if not line.startswith("#"))
    for line in re.sub(r"\\\n\s*", "", code).splitlines():
        if line.strip():
            keyword, _, rest = line.partition(" ")
            yield keyword, rest.strip()


def _pairs(text: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(text))


def _at(text: str, root: str) -> str:
    """Return the text with the image's own absolute paths put below the root."""
    return _ABSOLUTE.sub(lambda _: f"{root}/", text)


def _run(line: str, image: Image, base: Path) -> None:
    given = {name: value for name, value in os.environ.items() if name.startswith(_NETWORK)}
    own = {name: _at(value, str(image.root)) for name, value in image.environment.items()}
    # The packages are on this machine already.
    own.pop("UV_NO_CACHE", None)
    path = own.get("PATH", "$PATH").replace("$PATH", f"{base / 'bin'}:{_SYSTEM_PATH}")
    home = {"HOME": os.environ["HOME"]}
    done = subprocess.run(
        ["sh", "-ec", _at(line, str(image.root))],
        cwd=image.path("."),
        env={**given, **own, **home, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, f"RUN {line}\n{done.stdout}"


def _copy(words: list[str], context: Path, image: Image, stages: Mapping[str, Image]) -> None:
    *sources, target = words
    if sources[0].startswith("--from="):
        stage, source = stages[sources[0].removeprefix("--from=")], sources[1]
        # Links instead of copies: no later line changes a file that is there.
        shutil.copytree(stage.path(source), image.path(target), True, copy_function=os.link)
        return
    into = image.path(target)
    allowed = list(allowed_files(context))
    for source in sources:
        found = [f for f in allowed if source == "." or f == PurePosixPath(source)]
        assert found, f"COPY {source}: .dockerignore leaves nothing of it"
        for file in found:
            copy = into / (file if source == "." else file.name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(context / file, copy)


def allowed_files(context: Path) -> Iterator[PurePosixPath]:
    """Yield the files of the folder that .dockerignore lets through; the last match decides."""
    lines = (context / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for path in sorted(context.rglob("*")):
        file = PurePosixPath(path.relative_to(context).as_posix())
        ignored = False
        for rule in rules:
            if _matches(file, rule.removeprefix("!")):
                ignored = not rule.startswith("!")
        if path.is_file() and not ignored:
            yield file


def _matches(file: PurePosixPath, pattern: str) -> bool:
    """Tell whether the pattern names the file or a folder above it."""
    regex = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return any(re.fullmatch(regex, str(path)) for path in (file, *file.parents))
