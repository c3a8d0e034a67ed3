"""Tells the CI how to share out the variants: nox -l --json -s variant | python tools/ci_matrix.py

Prints one line, `shards=["1/8", …]`, for $GITHUB_OUTPUT. Which variants are in a shard is decided by a hash of
their ids (tests/every_variant), so that a new variant moves none of the others.
"""

import json
import sys
from typing import Any

VARIANTS_PER_SHARD = 60


def shards(sessions: list[dict[str, Any]]) -> list[str]:
    """Return the shards for the sessions that nox lists, each as `K/N`."""
    variants = [session for session in sessions if session["name"] == "variant"]
    if not variants:
        raise ValueError("nox lists no session called variant")
    number = -(-len(variants) // VARIANTS_PER_SHARD)
    return [f"{shard}/{number}" for shard in range(1, number + 1)]


if __name__ == "__main__":
    print(f"shards={json.dumps(shards(json.load(sys.stdin)))}")
