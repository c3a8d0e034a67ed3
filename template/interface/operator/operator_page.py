"""The operators' page at `/operator`; it asks for the key and keeps it in the browser's tab."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from interface.operator.access import require_operators
from interface.static_files import StaticFiles

_FILES = StaticFiles(Path(__file__).parent / "static")

router = APIRouter(
    prefix="/operator", include_in_schema=False, dependencies=[Depends(require_operators)]
)
IfNoneMatch = Annotated[str, Header()]


@router.get("")
async def get_page(if_none_match: IfNoneMatch = "") -> Response:
    return _FILES.respond("index.html", if_none_match)


@router.get("/page/{name}")
async def get_static_file(name: str, if_none_match: IfNoneMatch = "") -> Response:
    return _FILES.respond(name, if_none_match)
