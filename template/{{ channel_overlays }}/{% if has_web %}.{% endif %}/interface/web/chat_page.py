"""The chat page at `/` and its static files under `/chat-page/`, off with CHAT_PAGE_ENABLED=false."""

from pathlib import Path

from fastapi import APIRouter, Depends, HTTPException, Response

from interface.dependencies import TheSettings
from interface.static_files import serve_page


async def require_chat_page(settings: TheSettings) -> None:
    """Answer 404 where the page is switched off."""
    if not settings.chat_page_enabled:
        raise HTTPException(404)


router = APIRouter(include_in_schema=False, dependencies=[Depends(require_chat_page)])


@router.get("/chat-page/settings.json")
async def get_page_settings(settings: TheSettings, response: Response) -> dict[str, str]:
    """What the page must know before it connects: whether to ask for a token, and who answers."""
    response.headers["Cache-Control"] = "no-store"
    return {"auth_mode": settings.auth_mode, "llm_provider": settings.llm_provider}


# After the settings: a path with a name takes whatever is left.
serve_page(router, Path(__file__).parent / "static", "/", "/chat-page")
