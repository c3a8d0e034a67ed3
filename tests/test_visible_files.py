"""What a bot's test can see decides whether it runs again in the next bot."""

from pathlib import Path

import pytest

from every_variant.visible_files import VisibleFiles

FILES = {
    "app/asked_for.py": "",
    "app/imported.py": "",
    "app/of_another_fixture.py": "",
    "app/of_all_alike.py": "",
    "tests/conftest.py": """
import pytest
from app.asked_for import made
from app.of_another_fixture import another
from app.of_all_alike import alike

def make(): return made()

@pytest.fixture
def fixture(): return make()

@pytest.fixture
def other(): return another()

@pytest.fixture(autouse=True)
def automatic(): return alike()
""",
    "tests/unit/test_one.py": "import app.imported\n\ndef test_it(fixture): ...\n",
}


@pytest.mark.parametrize(
    ("changed", "is_seen"),
    [
        ("tests/unit/test_one.py", True),
        ("tests/conftest.py", True),
        ("app/imported.py", True),
        ("app/asked_for.py", True),
        ("app/of_another_fixture.py", False),
        ("app/of_all_alike.py", False),
    ],
)
def test_a_test_sees_its_imports_and_those_of_the_fixtures_that_it_asks_for(
    changed: str, is_seen: bool, tmp_path: Path
) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    before = VisibleFiles(tmp_path).seen_by("tests/unit/test_one.py")

    (tmp_path / changed).write_text(f"{FILES[changed]}\nchanged = True\n", "utf-8")

    assert (VisibleFiles(tmp_path).seen_by("tests/unit/test_one.py") != before) is is_seen


PROJECT = """
[project]
version = "1.0"
dependencies = ["one"]

[tool.uv]
constraint-dependencies = ["one==1"]

[tool.slim-packages]
aws-services = []
"""


@pytest.mark.parametrize(
    ("before", "after", "is_the_same"),
    [
        ('["one"]', '["another"]', True),
        ('["one==1"]', '["one==2"]', True),
        ('"1.0"', '"1.1"', False),
        ("aws-services = []", 'aws-services = ["s3"]', False),
    ],
)
def test_of_its_project_a_bot_sees_all_but_the_packages(
    before: str, after: str, is_the_same: bool, tmp_path: Path
) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(PROJECT, "utf-8")
    known = VisibleFiles(tmp_path).hash_of({file.name})

    file.write_text(PROJECT.replace(before, after), "utf-8")

    assert (VisibleFiles(tmp_path).hash_of({file.name}) == known) is is_the_same
