"""OpenAI's official client, pointed at the bot, and a chat page that is built on it."""

from typing import Any

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

from interface.openai.model import MODEL_ID
from tests.support.bots import Bot

_SECONDS = 10


def openai_client(bot: Bot, token: str = "none", **options: Any) -> AsyncOpenAI:
    """Return a client of the bot, for `async with`; it repeats nothing unless told to."""
    return AsyncOpenAI(
        base_url=f"{bot.url}/v1",
        api_key=token,
        **{"max_retries": 0, "timeout": _SECONDS, **options},
    )


class ChatPage:
    """One conversation as chat pages for OpenAI's API keep it: they send all of it, and no id."""

    def __init__(self, client: AsyncOpenAI, user_id: str) -> None:
        self._client = client
        self._user_id = user_id
        self.messages: list[ChatCompletionMessageParam] = []

    async def ask(self, question: str) -> ChatCompletion:
        """Ask, and show the answer."""
        self.messages.append({"role": "user", "content": question})
        answer = await self._client.chat.completions.create(
            model=MODEL_ID, user=self._user_id, messages=self.messages
        )
        self.messages.append({"role": "assistant", "content": text_of(answer)})
        return answer

    async def ask_instead(self, question: str, *, back: int = 1) -> ChatCompletion:
        """Take the last questions and answers away, and ask something else."""
        del self.messages[-2 * back :]
        return await self.ask(question)


def text_of(answer: ChatCompletion) -> str:
    """Return what an answer says."""
    content: str | None = answer.choices[0].message.content
    assert content is not None
    return content


def own(answer: Any, field: str) -> Any:
    """Return a field of the bot's own, which OpenAI's client keeps without knowing it."""
    return answer.model_extra[field]
