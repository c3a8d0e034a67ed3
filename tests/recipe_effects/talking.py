"""Talking to a bot as its users do, over REST."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import httpx

from tests.support.bedrock_fake import BedrockFake
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import Bot

_SECONDS = 30


async def call(
    bot: Bot, method: str, path: str, body: object = None, **query: str
) -> httpx.Response:
    """Return what the bot answers to a request."""
    async with httpx.AsyncClient(base_url=bot.url, timeout=_SECONDS) as http:
        return await http.request(method, path, json=body, params=query)


async def ask(bot: Bot, question: str, user_id: str = "ana", chat_id: str | None = None) -> Any:
    """Return the whole answer, or problem, as JSON."""
    asked = {"user_id": user_id, "question": question, "chat_id": chat_id}
    return (await call(bot, "POST", "/api/chats/completions", asked)).json()


def with_bedrock(bedrock: BedrockFake) -> dict[str, str]:
    """Return the settings with which the model is `bedrock`."""
    return {"LLM_PROVIDER": "bedrock", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url}


def prompt_of(body: dict[str, Any]) -> str:
    """Return the system prompt of a request to the model."""
    text: str = body["system"][0]["text"]
    return text


def last_said(body: dict[str, Any]) -> str:
    """Return what the model was told last."""
    return "".join(block.get("text", "") for block in body["messages"][-1]["content"])


async def run_script(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m …` in the bot's folder, with its `.env` and what is given before that."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", *arguments],
        cwd=BOT_FOLDER,
        env={**os.environ, "LOCAL_AWS": "false", **settings},
        capture_output=True,
        text=True,
    )
