"""The CI's matrix comes from the enumeration of variants, by way of nox."""

import json
import subprocess
import sys

import pytest

from tools import ci_matrix
from variants import ROOT, VARIANTS, in_shard

LIST = [
    sys.executable,
    "-m",
    "nox",
    "-f",
    str(ROOT / "noxfile.py"),
    "-l",
    "--json",
    "-s",
    "variant",
]


def test_nox_lists_a_session_for_every_variant() -> None:
    listed = subprocess.run(LIST, capture_output=True, text=True, check=True)

    sessions = [session["session"] for session in json.loads(listed.stdout)]
    assert sessions == [f"variant({variant.id})" for variant in VARIANTS]


def test_every_shard_gets_about_its_part_of_the_variants() -> None:
    shards = ci_matrix.shards([{"name": "variant"}] * len(VARIANTS))

    sizes = [sum(in_shard(variant, shard) for variant in VARIANTS) for shard in shards]
    assert sum(sizes) == len(VARIANTS)
    assert min(sizes) > 40


def test_without_variants_there_is_no_matrix() -> None:
    with pytest.raises(ValueError, match="no session called variant"):
        ci_matrix.shards([{"name": "lint"}])
