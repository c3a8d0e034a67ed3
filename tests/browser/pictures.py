"""Pictures of pages: kept small, and compared so that only what a person would notice counts."""

import io
from pathlib import Path

from PIL import Image, ImageChops

# One colour for each square of so many pixels: where exactly a stroke of a letter ends does not count.
SQUARE = 8
# Of 255. Bolder strokes, other hinting and lines that are 1 px lower change no square by more.
NOTICED = 32
# Of all squares. Other renderers came to 0.04 %, and a 24 px button that is not there to more.
TOLERATED = 0.0006
_COLOURS = 64


def keep(picture: bytes, file: Path) -> None:
    """Write a picture in few bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def difference(picture: bytes, file: Path) -> str:
    """Return what differs from a kept picture, or nothing where a person would not notice it."""
    if not file.exists():
        return "there is no picture to compare with"
    taken, kept = (Image.open(source).convert("RGB") for source in (io.BytesIO(picture), file))
    if taken.size != kept.size:
        return f"it has {taken.size} pixels, not {kept.size}"
    share = _share_of_differences(taken, kept)
    return f"{share:.2%} of it differ" if share > TOLERATED else ""


def _share_of_differences(one: Image.Image, other: Image.Image) -> float:
    differences = ImageChops.difference(one.reduce(SQUARE), other.reduce(SQUARE))
    squares: list[tuple[int, ...]] = list(differences.get_flattened_data())
    return sum(max(square) > NOTICED for square in squares) / len(squares)
