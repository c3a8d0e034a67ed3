"""Writes the reference of the protocols, from what rendered bots say of themselves.

    BOT_PYTHON=… python tools/reference.py

BOT_PYTHON is the Python of an environment with the bots' packages. A page for each channel and
language is written below docs/; tests/bots/test_reference.py compares them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT))

from rendering import render
from tools.reference_words import ENGLISH, PORTUGUESE, Words

# By language: the bot's, and where its pages are.
LANGUAGES = {"pt-BR": (PORTUGUESE, "docs/channels"), "en": (ENGLISH, "docs/en/channels")}
_SECONDS = 120
_METHODS = ("get", "post", "put", "patch", "delete")

# What a bot prints of itself: as a file, because it logs to its standard output.
_DESCRIBE = """
import json, sys
from pathlib import Path
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from interface.api.problems import problem
from interface.application import create_application
from interface.websocket.asyncapi import ERRORS, asyncapi_document
app = create_application(ApplicationContainer(settings=OwnerSettings()))
described = {
    "openapi": app.openapi(),
    "asyncapi": asyncapi_document(app.title, "localhost:8181", "ws"),
    "errors": ERRORS,
    "statuses": {code: problem(code, "").status_code for code in ERRORS},
}
Path(sys.argv[1]).write_text(json.dumps(described), "utf-8")
"""

Row = tuple[str, ...]
Schema = dict[str, Any]


def pages(template: Path, folder: Path, python: str) -> dict[str, str]:
    """Return every page by its path; bots are rendered below the folder."""
    written: dict[str, str] = {}
    for language, (words, place) in LANGUAGES.items():
        answers = {"channels": ["websocket", "rest"], "tracing": False, "language": language}
        described = describe(render(template, folder / language, answers), python)
        written[f"{place}/websocket-reference.md"] = socket_page(described, words)
        written[f"{place}/rest-reference.md"] = rest_page(described, words)
    return written


def describe(bot: Path, python: str) -> dict[str, Any]:
    """Return the descriptions of a rendered bot."""
    described = bot.parent / f"{bot.name}.json"
    subprocess.run(
        [python, "-c", _DESCRIBE, str(described)],
        cwd=bot,
        check=True,
        timeout=_SECONDS,
        stdout=subprocess.DEVNULL,
        # What a machine has set for itself is none of the page's business.
        env={**os.environ, "AUTH_MODE": "none", "OPERATOR_API_KEYS": "", "APP_ENV": "local"},
    )
    found: dict[str, Any] = json.loads(described.read_text("utf-8"))
    return found


def socket_page(described: Mapping[str, Any], words: Words) -> str:
    """Return the page of the WebSocket."""
    document = described["asyncapi"]
    channel = document["channels"]["chat"]
    parts = [
        f"# {words.socket_title}",
        words.socket_lead,
        f"`{channel['address']}`: {document['info']['description']}",
        document["components"]["securitySchemes"]["bearer"]["description"],
    ]
    for operation, title in (("take", words.taken), ("tell", words.told)):
        parts.append(f"## {title}")
        for reference in document["operations"][operation]["messages"]:
            name = reference["$ref"].rpartition("/")[2]
            message = document["components"]["messages"][name]
            schema = document["components"]["schemas"][name]
            parts += [f"### `{name}`", message["summary"], _fields(schema, schema, words, {})]
            parts.append(_json(message["examples"][0]["payload"]))
    rows = [
        (f"`{code}`", _cell(sentence)) for code, sentence in sorted(described["errors"].items())
    ]
    parts += [f"## {words.errors}", words.error_lead, _table(words.code_columns, rows)]
    return _page(parts)


def rest_page(described: Mapping[str, Any], words: Words) -> str:
    """Return the page of the REST API, OpenAI's included."""
    document = described["openapi"]
    parts = [f"# {words.rest_title}", words.rest_lead]
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                name = f"{method.upper()} {path}"
                parts += [f"## `{name}`", words.operations[name]]
                parts += _operation(operations[method], document, words)
    statuses = described["statuses"]
    # What only a socket can be told has no status of its own.
    codes = [
        (f"`{code}`", str(statuses[code]), _cell(sentence))
        for code, sentence in sorted(described["errors"].items())
        if code not in ("cancelled", "unknown_type", "binary_not_supported", "message_too_large")
    ]
    parts += [f"## {words.errors}", words.error_lead, _table(words.status_columns, codes)]
    return _page(parts)


def _operation(operation: Schema, document: Schema, words: Words) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    if parameters:
        yield words.parameters
        yield _table(
            words.columns,
            [
                _row(p["name"], p["schema"], p["required"], words.fields[p["name"]], words)
                for p in parameters
            ],
        )
    body = operation.get("requestBody")
    if body:
        yield words.body
        yield from _object(body["content"]["application/json"]["schema"], document, words)
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    if "$ref" in answer:
        yield words.answer
        yield from _object(answer, document, words)


def _object(schema: Schema, document: Schema, words: Words) -> Iterator[str]:
    found = _resolved(schema, document)
    yield _fields(found, document, words, words.fields)
    items = found["properties"].get("items")
    if items:
        yield words.items
        yield from _object(items["items"], document, words)
    elif "examples" in found:
        yield _json(found["examples"][0])


def _fields(schema: Schema, document: Schema, words: Words, described: Mapping[str, str]) -> str:
    needed = schema.get("required", [])
    return _table(
        words.columns,
        [
            _row(
                name,
                _resolved(field, document),
                name in needed,
                described.get(name) or field["description"],
                words,
            )
            for name, field in schema["properties"].items()
        ],
    )


def _row(name: str, schema: Schema, is_needed: bool, described: str, words: Words) -> Row:
    return f"`{name}`", _type(schema), words.needed[not is_needed], _cell(described)


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return "object"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "anyOf" in schema:
        return ", ".join(_type(choice) for choice in schema["anyOf"])
    kind = str(schema.get("type", "any"))
    return f"{kind} ({_type(schema['items'])})" if kind == "array" and schema["items"] else kind


def _resolved(schema: Schema, document: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def _table(columns: Row, rows: Iterable[Row]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _json(value: Any) -> str:
    return f"```json\n{json.dumps(value, ensure_ascii=False, indent=2)}\n```"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the pages."""
    python = os.environ.get("BOT_PYTHON")
    if python is None:
        sys.exit("Set BOT_PYTHON to a Python that has the bots' packages.")
    with tempfile.TemporaryDirectory() as folder:
        for path, text in pages(ROOT, Path(folder), python).items():
            page = ROOT / path
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, "utf-8", newline="\n")
            print(path)


if __name__ == "__main__":
    main()
