"""Takes personal data out of what is traced."""

import re
from typing import Any

_PATTERNS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<email>"),
    # Brazilian company and person registrations (CNPJ, CPF), with or without punctuation.
    (re.compile(r"\b\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}\b"), "<document>"),
    (re.compile(r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b"), "<document>"),
    # Payment cards, then phones: international, or Brazilian with area code.
    (re.compile(r"\b(?:\d[ -]?){13,19}\b"), "<card>"),
    (re.compile(r"(?<!\w)\+?\d{1,3}?[ .-]?\(?\d{2,3}\)?[ .-]?9?\d{4}[ .-]?\d{4}\b"), "<phone>"),
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
