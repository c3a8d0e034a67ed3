"""Renders one variant for a person to look at.

python tools/render_variant.py ID [FOLDER]
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from rendering import hasten_copier, render
from variants import VARIANTS


def main(variant_id: str, folder: str | None = None) -> None:
    variant = next(variant for variant in VARIANTS if variant.id == variant_id)
    target = Path(folder) if folder else ROOT / "build" / variant.id
    if target.exists() and any(target.iterdir()):
        sys.exit(f"{target} is not empty. Name another folder, or remove this one.")
    hasten_copier()
    render(ROOT, target, variant.answers)
    print(f"Rendered {variant_id} to {target}")


if __name__ == "__main__":
    main(*sys.argv[1:])
