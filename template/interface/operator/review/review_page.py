"""The review page at `/operator/review`; it shares the key and the looks of the operators' page."""

from pathlib import Path

from fastapi import APIRouter, Depends

from interface.operator.access import require_operators
from interface.static_files import serve_page

router = APIRouter(
    prefix="/operator/review", include_in_schema=False, dependencies=[Depends(require_operators)]
)
serve_page(router, Path(__file__).parent / "static", "", "/page")
