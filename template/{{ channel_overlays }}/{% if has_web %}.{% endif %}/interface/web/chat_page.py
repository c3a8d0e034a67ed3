"""The chat page at `/` and its static files under `/chat-page/`, off with CHAT_PAGE_ENABLED=false."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Response

from interface.dependencies import TheSettings

# Not `mimetypes`: what it answers depends on the machine, and a browser refuses a module of another type.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}

_HEADERS = {
    "Cache-Control": "no-cache",
    # Nothing inline and nothing from elsewhere: text that slipped past the page's own care could still not run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the page, held in memory."""

    content: bytes
    content_type: str
    etag: str


def read_static_files(folder: Path) -> dict[str, StaticFile]:
    """Read the files directly in `folder`, by name. Blocking: for start-up only."""
    return {
        path.name: _read_static_file(path)
        for path in sorted(folder.iterdir())
        if path.suffix in _CONTENT_TYPES
    }


def _read_static_file(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(
        content=content,
        content_type=_CONTENT_TYPES[path.suffix],
        etag=f'"{sha256(content).hexdigest()[:32]}"',
    )


_FILES = read_static_files(Path(__file__).parent / "static")


async def require_chat_page(settings: TheSettings) -> None:
    """Answer 404 where the page is switched off."""
    if not settings.chat_page_enabled:
        raise HTTPException(404)


router = APIRouter(include_in_schema=False, dependencies=[Depends(require_chat_page)])
IfNoneMatch = Annotated[str, Header()]


@router.get("/")
async def get_page(if_none_match: IfNoneMatch = "") -> Response:
    return _respond("index.html", if_none_match)


@router.get("/chat-page/settings.json")
async def get_page_settings(settings: TheSettings, response: Response) -> dict[str, str]:
    """What the page must know before it connects: whether to ask for a token, and who answers."""
    response.headers["Cache-Control"] = "no-store"
    return {"auth_mode": settings.auth_mode, "llm_provider": settings.llm_provider}


@router.get("/chat-page/{name}")
async def get_static_file(name: str, if_none_match: IfNoneMatch = "") -> Response:
    return _respond(name, if_none_match)


def _respond(name: str, if_none_match: str) -> Response:
    file = _FILES.get(name)
    if file is None:
        raise HTTPException(404)
    headers = _HEADERS | {"ETag": file.etag}
    if _matches(if_none_match, file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers, media_type=file.content_type)


def _matches(if_none_match: str, etag: str) -> bool:
    """Compare as RFC 9110 section 13.1.2 asks: a list of tags, weak ones alike, or `*`."""
    candidates = [candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")]
    return etag in candidates or "*" in candidates
