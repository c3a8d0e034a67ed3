"""The questions of copier.yml."""

from typing import Any

import yaml

from variants import ROOT

QUESTIONNAIRE: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
