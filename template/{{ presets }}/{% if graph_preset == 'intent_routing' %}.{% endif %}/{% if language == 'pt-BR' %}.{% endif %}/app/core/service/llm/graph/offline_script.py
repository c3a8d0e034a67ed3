"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from app.core.service.llm.graph.prompts import FACTS, LOOKUP_FAILED, NOTHING_FOUND
from app.core.service.llm.offline_chat_service import OfflineScript

_FACTS_HEADING = FACTS.partition("{")[0]
_WORDS = {
    "faq": r"entreg|frete|prazo|troc|devol|pag|pix|boleto|hor[aá]rio|abre|fecha|contato|e-?mail",
    "sales": r"compr|pre[cç]o|cust|caf[eé]|gr[aã]o|moedor|prensa|filtro|assinatura|produto|estoque",
}


def decide_intent(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of IntentDecision for the last question."""
    question = " ".join(messages[-1].text.split())
    for intent, words in _WORDS.items():
        if re.search(words, question, re.IGNORECASE):
            return {"intent": intent, "topic": question[:200], "confidence": 0.9}
    # Too short to tell: the graph then answers without a guess.
    confidence = 0.3 if len(question) < 4 else 0.8
    return {"intent": "other", "topic": question[:200], "confidence": confidence}


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return the answer to the last question, with the facts that were looked up."""
    last = messages[-1].text
    if last == LOOKUP_FAILED:
        return "Não consegui consultar os dados da loja agora. Tente de novo em alguns minutos."
    if last.startswith(_FACTS_HEADING):
        facts = last.removeprefix(_FACTS_HEADING).strip()
        if facts == NOTHING_FOUND:
            return "Não encontrei nada sobre isso na loja. Pode dizer de outra forma?"
        return f"Encontrei isto:\n\n{facts}\n\nPosso ajudar com mais alguma coisa?"
    return (
        "Olá! Estou no **modo offline**: respondo a partir dos dados de exemplo, sem um modelo de "
        "linguagem. Pergunte, por exemplo, qual é o prazo de entrega ou quanto custa o café em grãos."
    )


OFFLINE_SCRIPT = OfflineScript(reply, {"IntentDecision": decide_intent})
