"""What the offline model says: enough to try the bot without a language model."""

from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage

from app.core.service.llm.offline_chat_service import OfflineScript


def offline_reply(messages: Sequence[BaseMessage]) -> str:
    """Return the answer to the last question; it tells that earlier ones are remembered."""
    questions = [message.text for message in messages if isinstance(message, HumanMessage)]
    if len(questions) == 1:
        return (
            "Olá! Estou no **modo offline**: respondo sem usar um modelo de linguagem, para que "
            f"você experimente o bot inteiro. Recebi a sua mensagem:\n\n> {_quote(questions[-1])}\n\n"
            "Para conversar de verdade:\n\n"
            "1. defina `LLM_PROVIDER=bedrock` no arquivo `.env`;\n"
            "2. configure as credenciais da AWS;\n"
            "3. reinicie o bot."
        )
    return (
        f"Esta é a sua mensagem de número {len(questions)} nesta conversa:\n\n"
        f"> {_quote(questions[-1])}\n\n"
        f"Antes dela, você escreveu: “{_quote(questions[-2])}”."
    )


def _quote(text: str) -> str:
    return " ".join(text.split())[:300]


OFFLINE_SCRIPT = OfflineScript(offline_reply)
