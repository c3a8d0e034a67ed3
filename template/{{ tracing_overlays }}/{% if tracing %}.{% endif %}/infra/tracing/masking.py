"""Takes personal data out of what is traced."""

import re
from typing import Any

# Each begins only where a word begins and is bounded: they run over whatever people send, on the
# event loop, and a pattern that tries every position of a long word again would stop it.
_PATTERNS = (
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), "<email>"),
    (re.compile(r"\+\d[\d ().-]{6,18}\d\b"), "<phone>"),
    # Brazilian company and person registrations (CNPJ, since 2026 with letters; CPF).
    (re.compile(r"\b\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}\b"), "<document>"),
    (re.compile(r"\b[A-Z\d]{2}\.[A-Z\d]{3}\.[A-Z\d]{3}/[A-Z\d]{4}-\d{2}\b"), "<document>"),
    (re.compile(r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b"), "<document>"),
    # Payment cards.
    (re.compile(r"\b(?:\d[ -]?){13,18}\d\b"), "<card>"),
    # Phones in Brazil, with or without the area code, and in North America.
    (
        re.compile(r"(?<!\w)(?:\d{1,3}[ .-]?)?\(?\d{2,3}\)?[ .-]?9?[ .]?\d{4}[ .-]?\d{4}\b"),
        "<phone>",
    ),
    (re.compile(r"(?<!\w)9[ .]?\d{4}-\d{4}\b"), "<phone>"),
    (re.compile(r"(?<!\w)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b"), "<phone>"),
)


def mask(*, data: Any, **_: Any) -> Any:
    """Return the data with e-mail addresses, documents, cards and phone numbers replaced."""
    if isinstance(data, str):
        for pattern, replacement in _PATTERNS:
            data = pattern.sub(replacement, data)
        return data
    if isinstance(data, dict):
        return {key: mask(data=value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [mask(data=value) for value in data]
    return data
