"""Pictures of pages: kept small, and compared so that only what a person would notice counts."""

import io
from pathlib import Path

from PIL import Image, ImageChops

# One number for each square of so many pixels: where exactly a stroke of a letter ends does not count.
SQUARE = 8
# Of 255; a letter that moves by a pixel makes less of a difference to its square.
NOTICED = 32
# The share of squares that may differ.
TOLERATED = 0.004
_COLOURS = 64


def keep(picture: bytes, file: Path) -> None:
    """Write a picture in few bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    few_colours = Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few_colours.save(file, optimize=True)


def difference(picture: bytes, file: Path) -> str:
    """Return what differs from a kept picture, or nothing where a person would not notice it."""
    if not file.exists():
        return "there is no picture to compare with"
    taken, kept = (Image.open(source).convert("RGB") for source in (io.BytesIO(picture), file))
    if taken.size != kept.size:
        return f"it has {taken.size} pixels, not {kept.size}"
    share = share_of_differences(taken, kept)
    return f"{share:.2%} of it differs" if share > TOLERATED else ""


def share_of_differences(one: Image.Image, other: Image.Image) -> float:
    """Return the share of squares that differ in any colour, from 0 to 1."""
    differences = ImageChops.difference(one.reduce(SQUARE), other.reduce(SQUARE))
    noticed = [max(pixel) > NOTICED for pixel in differences.getdata()]
    return sum(noticed) / len(noticed)
