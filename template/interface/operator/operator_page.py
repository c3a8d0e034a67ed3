"""The operators' page at `/operator`; it asks for the key and keeps it in the browser's tab."""

from pathlib import Path

from fastapi import APIRouter, Depends

from interface.operator.access import require_operators
from interface.static_files import serve_page

router = APIRouter(
    prefix="/operator", include_in_schema=False, dependencies=[Depends(require_operators)]
)
serve_page(router, Path(__file__).parent / "static", "", "/page")
