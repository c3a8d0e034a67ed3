import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import load_settings
from app.core.settings_owner import OwnerSettings
from tests.support.bot_folder import BOT_FOLDER


def test_the_env_file_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BOT_FOLDER)
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", os.environ.copy())
        settings = load_settings(OwnerSettings)
    assert isinstance(settings, OwnerSettings)
    assert settings.opening_hours == "08:30-17:30"


def test_a_wrong_value_stops_the_bot_with_a_line_that_names_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(BOT_FOLDER / "main.py")],
        cwd=tmp_path,
        env={**os.environ, "OPENING_HOURS": "always"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "OPENING_HOURS" in done.stderr.splitlines()[-1]
