"""What the offline model says: enough to try the bot without a language model."""

from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage

from app.core.service.llm.offline_chat_service import OfflineScript


def offline_reply(messages: Sequence[BaseMessage]) -> str:
    """Return the answer to the last question; it tells that earlier ones are remembered."""
    questions = [message.text for message in messages if isinstance(message, HumanMessage)]
    if len(questions) == 1:
        return (
            "Hello! I am in **offline mode**: I answer without a language model, so that you can "
            f"try the whole bot. This is the message I received:\n\n> {_quote(questions[-1])}\n\n"
            "For a real conversation:\n\n"
            "1. set `LLM_PROVIDER=bedrock` in the file `.env`;\n"
            "2. configure your AWS credentials;\n"
            "3. restart the bot."
        )
    return (
        f"This is message number {len(questions)} of this conversation:\n\n"
        f"> {_quote(questions[-1])}\n\n"
        f"Before it, you wrote: “{_quote(questions[-2])}”."
    )


def _quote(text: str) -> str:
    return " ".join(text.split())[:300]


OFFLINE_SCRIPT = OfflineScript(offline_reply)
