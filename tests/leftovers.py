"""Finds, in a bot's files, words of what its answers did not choose."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from variants import Variant

# What betrays each channel, tracing, and each language.
WORDS = {
    "websocket": r"web_?socket|wscat|/ws/|\bwss?://|chat_ws",
    "rest": r"/api/|\bREST\b|chat_endpoints|event-stream|\bSSE\b",
    "whatsapp": r"whats_?app|wamid|graph\.facebook|\bMeta\b",
    "web": r"AUTH_|auth_service|\bjwt\b|chat page|página de conversa|ALLOWED_ORIGINS|CHAT_PAGE",
    "tracing": r"langfuse|\btracing|trace_id",
    "pt-BR": r"[ãõç]|[áéíóúâêô]|\b(?:você|mensagem|conversa)\b",
}
# Where one of these words may stand all the same, and why.
ALLOWED = {
    ("pins.txt", "*"): "one list of versions for all variants",
    ("pyproject.toml", "*"): "its copy of that list",
}


def leftovers(
    texts: Iterable[tuple[PurePosixPath, str]], variant: Variant
) -> Iterator[tuple[PurePosixPath, int, str]]:
    """Yield file, line and match of every word that the variant's answers exclude."""
    absent = _absent(variant)
    for path, text in texts:
        for what in absent:
            if any(path.match(glob) and name in (what, "*") for glob, name in ALLOWED):
                continue
            for found in re.finditer(
                WORDS[what],
                str(path) + "\n" + text,
                re.IGNORECASE if what in ("whatsapp", "websocket", "tracing") else 0,
            ):
                yield path, text.count("\n", 0, found.start()), found.group()


def _absent(variant: Variant) -> list[str]:
    absent = [name for name in ("websocket", "rest", "whatsapp") if name not in variant.channels]
    if {"websocket", "rest"}.isdisjoint(variant.channels):
        absent.append("web")
    if not variant.tracing:
        absent.append("tracing")
    if variant.language != "pt-BR":
        absent.append("pt-BR")
    return absent
