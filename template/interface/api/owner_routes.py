"""Your own routes: the template never changes this file."""

from fastapi import APIRouter

router = APIRouter()
