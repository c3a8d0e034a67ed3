"""What the image leaves out of the installed packages."""

from pathlib import Path

import botocore
import pytest

from scripts.slim_packages import LEFT_OUT, LeftOut, SlimError, slim, table

INSTALLED = Path(botocore.__file__).parent.parent

KEPT = (
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
    "botocore/data/endpoints.json",
    "numpy/__init__.py",
    "numpy.libs/libopenblas.so",
    "zstandard/backend_c.so",
    "my_package/tests/test_it.py",
    "my_package/fast.pyx",
)
LEFT = (
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "numpy/linalg/tests/test_linalg.py",
    "numpy/linalg/tests/__pycache__/test_linalg.pyc",
    "numpy/__init__.pyi",
    "dependency_injector/providers.c",
    "zstandard/_cffi.so",
    "zstandard/__pycache__/backend_cffi.cpython-313.pyc",
)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with a few files of some packages, 1 KiB each."""
    folder = tmp_path / "packages"
    for name in (*KEPT, *LEFT):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(1024))
    return folder


@pytest.fixture
def pyproject(tmp_path: Path) -> Path:
    return write(tmp_path / "pyproject.toml", aws_services="[]")


def write(pyproject: Path, aws_services: str) -> Path:
    pyproject.write_text(f"[tool.slim-packages]\naws-services = {aws_services}\n", "utf-8")
    return pyproject


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_only_what_the_bot_never_reads_is_left_out(packages: Path, pyproject: Path) -> None:
    slim(packages, pyproject)

    assert files(packages) == set(KEPT)


def test_the_size_of_each_package_is_told(packages: Path, pyproject: Path) -> None:
    sizes = {package.name: package for package in slim(packages, pyproject)}

    assert (sizes["numpy"].before, sizes["numpy"].after) == (5 * 1024, 2 * 1024)
    assert (sizes["my_package"].before, sizes["my_package"].after) == (2 * 1024, 2 * 1024)


def test_a_second_time_nothing_is_left_out(packages: Path, pyproject: Path) -> None:
    slim(packages, pyproject)

    assert all(package.before == package.after for package in slim(packages, pyproject))


def test_a_service_of_the_owners_code_is_kept(packages: Path, pyproject: Path) -> None:
    slim(packages, write(pyproject, aws_services='["s3"]'))

    assert "botocore/data/s3/2006-03-01/service-2.json.gz" in files(packages)


def test_a_service_that_does_not_exist_is_named_and_nothing_is_left_out(
    packages: Path, pyproject: Path
) -> None:
    with pytest.raises(SlimError, match="no service S3"):
        slim(packages, write(pyproject, aws_services='["S3"]'))

    assert files(packages) == {*KEPT, *LEFT}


def test_a_folder_without_the_packages_is_refused(tmp_path: Path, pyproject: Path) -> None:
    with pytest.raises(SlimError, match="not installed in"):
        slim(tmp_path, pyproject)


def test_the_table_has_a_line_for_each_package_that_is_not_whole_or_small(
    packages: Path, pyproject: Path
) -> None:
    lines = table(slim(packages, pyproject)).splitlines()

    assert [line.split(" | ")[0].lstrip("| ") for line in lines[2:]] == [
        "numpy",
        "botocore",
        "zstandard",
        "dependency_injector",
        "others",
        "all",
    ]


@pytest.mark.parametrize("rule", LEFT_OUT, ids=lambda rule: f"{rule.package}: {rule.what}")
def test_each_rule_still_finds_something_in_the_installed_packages(rule: LeftOut) -> None:
    folder = INSTALLED / rule.package

    assert not folder.exists() or any(any(folder.glob(pattern)) for pattern in rule.patterns)
