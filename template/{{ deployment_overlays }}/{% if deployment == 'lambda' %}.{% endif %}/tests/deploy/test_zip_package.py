"""The zip package for Lambda, made of a small folder and of a wheel from a folder beside it."""

import base64
import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.deployment import package_texts, zip_package
from scripts.deployment.account import connect
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError
from scripts.deployment.names import SLUG
from scripts.deployment.zip_package import Package, Target, build_package, upload_package

FILES = {
    ".dockerignore": "# What is not named stays out.\n*\n!app\n!main.py\n!pins.txt\n!pyproject.toml\n"
    "**/__pycache__\napp/private\n",
    ".env": "AUTH=none\n",
    "app/__init__.py": "",
    "app/page.html": "<p>a page</p>\n",
    "app/__pycache__/page.pyc": "x",
    "app/private/notes.txt": "x",
    "main.py": "import brick\n",
    "tests/test_app.py": "x",
}
TARGET = Target("3.13")

Build = Callable[[Target], Package]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a bot that needs one package; the package index is a folder."""
    index, bot = tmp_path / "index", tmp_path / "bot"
    index.mkdir()
    digest = _write_wheel(index / "brick-1.0-py3-none-any.whl")
    for name, text in FILES.items():
        (bot / name).parent.mkdir(parents=True, exist_ok=True)
        (bot / name).write_text(text, "utf-8")
    (bot / "pyproject.toml").write_text(
        '[project]\nname = "bot"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["brick>=1"]\n[dependency-groups]\nowner = []\n',
        "utf-8",
    )
    (bot / "pins.txt").write_text(f"brick==1.0 --hash=sha256:{digest}\n", "utf-8")
    monkeypatch.chdir(bot)
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(index))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return bot


@pytest.fixture
def build(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Builds the package of the folder."""
    return lambda target: build_package(target, tmp_path_factory.mktemp("package"), Console())


def test_it_has_the_packages_and_what_the_image_has_of_the_bot(build: Build) -> None:
    package = build(TARGET)

    names = set(zipfile.ZipFile(package.path).namelist())
    assert {name for name in names if ".dist-info" not in name} == {
        "app/__init__.py",
        "app/page.html",
        "botocore/data/dynamodb/service.json",
        "brick/__init__.py",
        "main.py",
    }


def test_the_same_files_make_the_same_package(build: Build, folder: Path) -> None:
    first, again = build(TARGET), build(TARGET)
    (folder / "main.py").write_text("import brick as b\n", "utf-8")
    changed = build(TARGET)

    assert first.path.read_bytes() == again.path.read_bytes()
    assert first.content_hash == again.content_hash != changed.content_hash


def test_a_package_with_another_hash_than_pinned_is_refused(build: Build, folder: Path) -> None:
    (folder / "pins.txt").write_text(f"brick==1.0 --hash=sha256:{'0' * 64}\n", "utf-8")

    with pytest.raises(DeploymentError, match="brick"):
        build(TARGET)


def test_a_package_that_lambda_does_not_take_names_its_largest_parts(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_package, "UNPACKED_BYTES", 100)

    with pytest.raises(DeploymentError, match=r"brick \d") as refusal:
        build(TARGET)

    assert "Packaging=image" in str(refusal.value)


@pytest.mark.parametrize(
    ("target", "platform"),
    [
        (Target("3.11"), "x86_64-manylinux2014"),
        (Target("3.13"), "x86_64-manylinux_2_28"),
        (Target("3.14", "arm64"), "aarch64-manylinux_2_28"),
    ],
)
def test_the_platform_is_that_of_lambdas_python(target: Target, platform: str) -> None:
    assert target.platform == platform


def test_a_package_is_uploaded_once(
    build: Build, cloud_endpoint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account = connect("us-east-1", endpoint_url=cloud_endpoint)
    account.client("s3").create_bucket(Bucket="once")
    package = build(Target("3.13", is_this_machine=True))
    capsys.readouterr()

    keys = {upload_package(account, Console(), package, "once") for _ in range(2)}

    said = capsys.readouterr().out.splitlines()
    assert keys == {f"{SLUG}/{package.content_hash}.zip"}
    assert said[0].startswith(package_texts.PACKAGE_UPLOADING.split("{")[0])
    assert said[1].startswith(package_texts.PACKAGE_THERE.split("{")[0])


def _write_wheel(path: Path) -> str:
    """Write a wheel with one module, and return its hash."""
    files = {
        "brick/__init__.py": "SIZE = 1\n" * 100,
        # Of these the bot reads one.
        "botocore/data/dynamodb/service.json": "{}",
        "botocore/data/s3/service.json": "{}",
        "brick-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: brick\nVersion: 1.0\n",
        "brick-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},{_record_hash(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in {**files, "brick-1.0.dist-info/RECORD": record}.items():
            wheel.writestr(name, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
