import re

from tests.conftest import StartBot
from tests.recipe_effects.talking import call


async def test_the_page_has_the_colours(start_bot: StartBot) -> None:
    bot = await start_bot()
    page = (await call(bot, "GET", "/")).text
    sheet = re.findall(r'href="([^"]*/chat\.css[^"]*)"', page)[0]
    style = (await call(bot, "GET", f"/{sheet.lstrip('./')}")).text
    assert "--accent: light-dark(#7a3e00, #f0b654);" in style
    assert _contrast("#7a3e00", "#ffffff") >= 4.5
    assert _contrast("#f0b654", "#2b1600") >= 4.5


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio. Source: WCAG 2.2, "contrast ratio" and "relative luminance"."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
