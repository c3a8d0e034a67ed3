"""Finds, in a bot's files, words of what its answers did not choose."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PurePosixPath

from variants import Variant

# What betrays each channel, two deployments, tracing, and each language.
WORDS = {
    "websocket": r"(?i:web_?socket|wscat)|/ws/|\bwss?://|chat_ws|\bws_|RFC 6455|\b(?:a|the) socket\b",
    "rest": r"(?<!/operator)/api/chats|\bREST\b|chat_endpoints|text/event-stream|\bSSE\b",
    "whatsapp": r"(?i:whats_?app|wamid|graph\.facebook)|\bMeta\b",
    "web": r"AUTH_|auth_service|\bjwt\b|(?i:chat page|página de conversa)|ALLOWED_ORIGINS|CHAT_PAGE",
    "ecs": r"(?i:\becs\b|fargate)",
    "lambda": r"\bLambda\b|aws_lambda|API Gateway|@connections|(?i:mangum)|awslambdaric",
    "tracing": r"(?i:langfuse|\btracing)",
    "pt-BR": r"[ãõçáéíóúâêô]|(?i:\b(?:voc[eê]|mensagem|conversa)\b)",
}
# What betrays each host of the CI, and the delivery, which runs on either.
CI_WORDS = {
    "github": r"(?i:\bgithub\b)(?!\.com|\.io)|GITHUB_",
    "gitlab": r"(?i:gitlab)|\bCI_[A-Z]",
    "delivery": r"docs/delivery|delivery\.md|delivery-role|deliver\.yml|/delivery/",
}
# Where one of these words may stand all the same, and why.
ALLOWED = {
    (".copier-answers.yml", "*"): "it records what was not chosen, too",
    ("pins.txt", "*"): "one list of versions for all variants",
    ("pyproject.toml", "*"): "its copy of that list",
    ("scripts/deployment/change_sets.py", "lambda"): "it reads the types of any stack",
    ("tests/support/aws_calls.py", "lambda"): "it knows what any call of AWS needs",
    ("tests/support/cloudformation.py", "lambda"): "it reads any stack",
    ("tests/support/permissions.py", "*"): "it reads the roles of any stack",
    ("scripts/template_update/answers.py", "gitlab"): "it knows both short addresses of Copier",
    ("tests/**/*.py", "pt-BR"): "text beyond ASCII is what they test with",
}


def leftovers(
    texts: Iterable[tuple[PurePosixPath, str]], variant: Variant
) -> Iterator[tuple[PurePosixPath, int, str]]:
    """Yield file, line and match of every word that the variant's answers exclude."""
    yield from _found(texts, {what: WORDS[what] for what in _absent(variant)})


def leftovers_of_ci(
    texts: Iterable[tuple[PurePosixPath, str]], ci: str
) -> Iterator[tuple[PurePosixPath, int, str]]:
    """Yield file, line and match of every word of a host of the CI that was not chosen."""
    absent = {"github", "gitlab"} - {ci} | ({"delivery"} if ci == "none" else set())
    yield from _found(texts, {what: CI_WORDS[what] for what in absent})


def _found(
    texts: Iterable[tuple[PurePosixPath, str]], absent: dict[str, str]
) -> Iterator[tuple[PurePosixPath, int, str]]:
    for path, text in texts:
        for what, words in absent.items():
            if any(path.match(glob) and name in (what, "*") for glob, name in ALLOWED):
                continue
            for line, word in _matches(words, path, text):
                yield path, line, word


# Most files are in hundreds of bots.
@cache
def _matches(words: str, path: PurePosixPath, text: str) -> tuple[tuple[int, str], ...]:
    named = f"{path}\n{text}"
    found = re.finditer(words, named)
    return tuple((named.count("\n", 0, match.start()), match.group()) for match in found)


def _absent(variant: Variant) -> list[str]:
    absent = [name for name in ("websocket", "rest", "whatsapp") if name not in variant.channels]
    if {"websocket", "rest"}.isdisjoint(variant.channels):
        absent.append("web")
    absent += {"ecs", "lambda"} - {variant.deployment}
    if not variant.tracing:
        absent.append("tracing")
    if variant.language != "pt-BR":
        absent.append("pt-BR")
    return absent
