"""What is around the requests of web clients."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware


def add_web_middleware(app: FastAPI, allowed_origins: Sequence[str]) -> None:
    """Let pages of these origins read what the bot answers, whatever it is."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=allowed_origins,
        allow_methods=["GET", "POST", "PATCH"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After", "X-Request-Id"],
    )
