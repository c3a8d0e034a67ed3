from pathlib import Path

import pytest
from rendering import export, render_all
from variants import VARIANTS, Variant


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a plain folder."""
    return export(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def forest(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Variant, Path]:
    """Every variant, rendered; the folders bear the variants' ids."""
    return render_all(template, tmp_path_factory.mktemp("forest"), VARIANTS)
