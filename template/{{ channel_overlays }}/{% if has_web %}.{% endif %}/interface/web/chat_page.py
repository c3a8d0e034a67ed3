"""The chat page at `/` and its static files under `/chat-page/`, off with CHAT_PAGE_ENABLED=false."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Response

from interface.dependencies import TheSettings
from interface.static_files import StaticFiles

_FILES = StaticFiles(Path(__file__).parent / "static")


async def require_chat_page(settings: TheSettings) -> None:
    """Answer 404 where the page is switched off."""
    if not settings.chat_page_enabled:
        raise HTTPException(404)


router = APIRouter(include_in_schema=False, dependencies=[Depends(require_chat_page)])
IfNoneMatch = Annotated[str, Header()]


@router.get("/")
async def get_page(if_none_match: IfNoneMatch = "") -> Response:
    return _FILES.respond("index.html", if_none_match)


@router.get("/chat-page/settings.json")
async def get_page_settings(settings: TheSettings, response: Response) -> dict[str, str]:
    """What the page must know before it connects: whether to ask for a token, and who answers."""
    response.headers["Cache-Control"] = "no-store"
    return {"auth_mode": settings.auth_mode, "llm_provider": settings.llm_provider}


@router.get("/chat-page/{name}")
async def get_static_file(name: str, if_none_match: IfNoneMatch = "") -> Response:
    return _FILES.respond(name, if_none_match)
