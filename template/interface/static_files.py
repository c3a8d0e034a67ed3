"""Pages and their files, read once and served from memory."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fastapi import HTTPException, Response

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
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of a page, held in memory."""

    content: bytes
    content_type: str
    etag: str


class StaticFiles:
    """The files directly in a folder, by name; reading them blocks, so: at start-up."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.name: _read(path)
            for path in sorted(folder.iterdir())
            if path.suffix in _CONTENT_TYPES
        }

    def respond(self, name: str, if_none_match: str) -> Response:
        """Return the file, or that the browser's copy still holds.

        Raises:
            HTTPException: 404, there is no such file.
        """
        file = self._files.get(name)
        if file is None:
            raise HTTPException(404)
        headers = _HEADERS | {"ETag": file.etag}
        if _matches(if_none_match, file.etag):
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.content_type)


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(
        content=content,
        content_type=_CONTENT_TYPES[path.suffix],
        etag=f'"{sha256(content).hexdigest()[:32]}"',
    )


def _matches(if_none_match: str, etag: str) -> bool:
    """Compare as RFC 9110 section 13.1.2 asks: a list of tags, weak ones alike, or `*`."""
    candidates = [candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")]
    return etag in candidates or "*" in candidates
