"""What a message of the WhatsApp Cloud API asks, whatever its type.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

import json
from collections.abc import Iterator
from typing import Any

from domain.dto.whatsapp import MessageKind
from domain.text import well_formed

# A WhatsApp message has at most 4,096 characters, a filled form somewhat more.
_MAX_TEXT_CHARACTERS = 32_768

_SILENT_TYPES = frozenset({"reaction", "system", "edit", "revoke", "request_welcome"})
# So that whoever reads the words beside a picture knows that there is one; as WhatsApp's own lists.
_SIGNS = {"image": "📷", "video": "🎥", "document": "📄"}
_ORDER_SIGN = "🛒"


def read_content(message: dict[str, Any]) -> tuple[MessageKind, str] | None:
    """Return what the message asks, `unsupported` if nothing can be read, None if it is silent.

    The words that came with a picture or an order are a question, behind a sign of what came.
    """
    kind = message.get("type")
    match kind:
        case str(silent) if silent in _SILENT_TYPES:
            return None
        case "unsupported" if _is_silent(_object(message.get("unsupported")).get("type")):
            # So come edits, for one, where Meta does not describe them yet.
            return None
        case "text" | None | "":
            text = readable_text(_object(message.get("text")).get("body"))
        case "button":
            button = _object(message.get("button"))
            text = readable_text(button.get("text")) or readable_text(button.get("payload"))
        case "interactive":
            interactive = _object(message.get("interactive"))
            if interactive.get("type") == "call_permission_reply":
                return None
            text = _interactive_text(interactive)
        case "image" | "video" | "document":
            text = _behind(_SIGNS[kind], _object(message.get(kind)).get("caption"))
        case "order":
            text = _behind(_ORDER_SIGN, _object(message.get("order")).get("text"))
        case _:
            text = ""
    return (MessageKind.QUESTION, text) if text else (MessageKind.UNSUPPORTED, "")


def readable_text(value: object) -> str:
    """Return the text without surrounding blanks and without what UTF-8 cannot carry."""
    if not isinstance(value, str):
        return ""
    return well_formed(value[:_MAX_TEXT_CHARACTERS]).strip()


def _is_silent(kind: object) -> bool:
    return isinstance(kind, str) and kind in _SILENT_TYPES


def _behind(sign: str, words: object) -> str:
    text = readable_text(words)
    return f"{sign} {text}" if text else ""


def _interactive_text(interactive: dict[str, Any]) -> str:
    for reply in ("button_reply", "list_reply"):
        if title := readable_text(_object(interactive.get(reply)).get("title")):
            return title
    form = _object(interactive.get("nfm_reply"))
    return _form_text(form.get("response_json")) or readable_text(form.get("body"))


def _form_text(response_json: object) -> str:
    """Return a filled form as one `field: value` a line, without the token that Meta adds."""
    try:
        fields = json.loads(response_json) if isinstance(response_json, str) else response_json
    except (ValueError, RecursionError):
        return ""
    lines = [
        f"{name}: {value}"
        for name, value in _form_fields(_object(fields))
        if name != "flow_token" and value
    ]
    return readable_text("\n".join(lines))


def _form_fields(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names and values; what stands in a group, an address say, as `group.name`."""
    for name, value in fields.items():
        if isinstance(value, dict):
            for inner, part in value.items():
                yield f"{name}.{inner}", _form_value(part)
        else:
            yield name, _form_value(value)


def _form_value(value: object) -> str:
    """Return the choices of a list one after the other, nothing for what is nested deeper."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case list():
            return ", ".join(_form_value(v) for v in value if not isinstance(v, list | dict))
        case _:
            return ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
