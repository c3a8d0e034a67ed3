"""What is around the requests of web clients."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from interface.openai.errors import SHOULD_RETRY, OpenAIErrors


def add_web_middleware(app: FastAPI, allowed_origins: Sequence[str]) -> None:
    """Let pages of these origins, and clients of OpenAI's API, read what the bot answers."""
    app.add_middleware(OpenAIErrors)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=allowed_origins,
        allow_methods=["GET", "POST", "PATCH"],
        # OpenAI's clients tell much about themselves in headers of their own. No cookie is ever
        # read, so that a header of a page's can do no more than its own program could.
        allow_headers=["*"],
        expose_headers=["Retry-After", "X-Chat-Id", "X-Request-Id", "X-Trace-Id", SHOULD_RETRY],
    )
