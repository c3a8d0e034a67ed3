"""Takes personal data out of text: e-mail addresses, documents, phones, cards, postcodes, Pix keys.

The formats are those of Brazil; phones of other countries where their form tells them.
"""

import re

_HYPHEN = r"[ ]?[\-\u2010-\u2015\u2212][ ]?"
_GAP = r"[ \u00a0\u202f./\-\u2010-\u2015\u2212]{0,3}"
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<!\d)", r"(?!\d)"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_YEARS = rf"(?:19|20)\d\d{_HYPHEN}(?:19|20)\d\d"


def _word(pattern: str) -> str:
    return _NO_WORD_BEFORE + pattern + _NO_WORD_AFTER


def _number(pattern: str) -> str:
    return _NO_DIGIT_BEFORE + pattern + _NO_DIGIT_AFTER


def _after(word: str, pattern: str) -> str:
    """Match a number only behind a word that says what it is, with up to two signs between."""
    places = "|".join(rf"(?<=\b{word}{signs})" for signs in ("", r"\W", r"\W\W"))
    return rf"(?i:(?:{places}){pattern}){_NO_DIGIT_AFTER}"


# The first one that fits at a place decides. They run over whatever people send, on the event loop:
# each is bounded or possessive, so that the time does not grow faster than the text.
_KINDS: tuple[tuple[str, str], ...] = (
    # "BR Code", the copy-and-paste form of Pix: from its first field to the checksum, its last.
    ("pix", r"000201[^\r\n]{20,500}?6304[0-9A-Fa-f]{4}"),
    # A random Pix key is a UUID of version 4.
    ("pix", _word(r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})")),
    # Ids, hashes, times and addresses of machines stay whole; a part of them could be a phone.
    ("", _word(r"(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")),
    ("", _word(r"(?=[0-9]*+[a-f])[0-9a-f]{16,}+")),
    ("", _number(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*+(?:[+-]\d\d:\d\d)?")),
    ("", rf"(?<![\d.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\d.])"),
    ("card", _number(r"(?:\d{4}[ .\u00a0\-\u2010-\u2015]){3}\d{4}")),
    ("card", _number(r"3\d{3}[ -]\d{6}[ -]\d{4,5}")),
    # With a country code, then CNPJ (since 2026 also with letters), CPF, PIS, and RG.
    ("phone", r"\+\d(?:[ ().\-\u2010-\u2015\u2212]{0,3}\d){7,14}" + _NO_DIGIT_AFTER),
    ("document", _number(rf"\d\d{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}{_GAP}\d\d")),
    ("document", _word(r"(?i:[a-z\d]{2}\.[a-z\d]{3}\.[a-z\d]{3}/[a-z\d]{4}-\d\d)")),
    ("cnpj", _word(r"[0-9A-Za-z]{12}[0-9]{2}")),
    ("document", _number(rf"\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d\d")),
    ("document", _number(r"\d{3}\.\d{5}\.\d\d-\d")),
    ("document", _number(rf"\d{{1,2}}\.\d{{3}}\.\d{{3}}{_HYPHEN}[\dXx]")),
    ("document", _after("rg", r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dx]")),
    # Brazilian phones with the area code, without it, and North American ones.
    (
        "phone",
        _number(
            rf"(?:(?:\+|00[ ]?)?55{_GAP})?\(?0?[1-9]\d\)?{_GAP}"
            rf"(?:9{_GAP}\d{{4}}|[2-8]\d{{3}}){_GAP}\d{{4}}"
        ),
    ),
    ("phone", _number(rf"9{_GAP}\d{{4}}{_GAP}\d{{4}}")),
    ("phone", _number(rf"(?!{_YEARS})[2-8]\d{{3}}{_HYPHEN}\d{{4}}")),
    ("phone", _number(r"(?:1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])\d{3}[ .-]\d{4}")),
    # The number of a person in another country, as it is part of an id.
    ("phone", r"(?<=[A-Za-z]_)\d{10,15}" + _NO_DIGIT_AFTER),
    ("postcode", _number(rf"\d\d\.?\d{{3}}{_HYPHEN}\d{{3}}")),
    ("postcode", _after("cep", rf"\d\d\.?\d{{3}}{_GAP}\d{{3}}")),
    ("card_number", _word(r"[2-6][0-9]{12,18}")),
)
# Before all others, which could take the beginning of an address away.
_LOCAL_PART = r"[\w.!#$%&*+^~|-]"
_EMAIL = re.compile(rf"(?<!{_LOCAL_PART})(?:{_LOCAL_PART}++[@\uff20][\w-]++(?:\.[\w-]++)*+)++")
_PATTERN = re.compile("|".join(f"({pattern})" for _, pattern in _KINDS))
# Most texts have nothing of it: no address, no six digits close together, no company of letters.
_WORTH_A_LOOK = re.compile(r"[@\uff20]|\d(?:\D{0,4}\d){5}|/[A-Za-z]{4}-\d")


def without_personal_data(text: str) -> str:
    """Return the text with each piece of personal data replaced by its kind, such as `<phone>`."""
    if not _WORTH_A_LOOK.search(text):
        return text
    return _PATTERN.sub(_replaced, _EMAIL.sub("<email>", text))


def _replaced(match: re.Match[str]) -> str:
    kind, found = _KINDS[(match.lastindex or 0) - 1][0], match[0]
    if kind == "cnpj":
        kind = "document" if _has_check_digits(found) else ""
    elif kind == "card_number":
        kind = "card" if _passes_luhn(found) else ""
    return f"<{kind}>" if kind else found


def _has_check_digits(cnpj: str) -> bool:
    """Tell whether the last two digits fit, by modulo 11 over ASCII codes (Receita Federal)."""
    values = [ord(character) - ord("0") for character in cnpj.upper()]
    for end in (12, 13):
        total = sum(value * (2 + place % 8) for place, value in enumerate(reversed(values[:end])))
        if values[end] != (0 if total % 11 < 2 else 11 - total % 11):
            return False
    return True


def _passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
