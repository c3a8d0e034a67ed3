"""By which words the offline model hears that somebody asks for a person."""

import pytest
from langchain_core.messages import HumanMessage

from app.core.service.llm.handoff import RequestHuman
from app.core.service.llm.offline_chat_service import OfflineChatService, OfflineScript


@pytest.mark.parametrize(
    ("said", "asks_for_a_person"),
    [
        ("quero falar com um atendente", True),
        ("tem como falar com alguém de verdade?", True),
        ("quero uma pessoa da equipe", True),
        ("cansei, me passa pra uma pessoa", True),
        ("me transfere pra uma pessoa", True),
        ("não quero robô, chama alguém", True),
        ("procuro um presente para uma pessoa de 60 anos", False),
        ("alguém já comprou este café?", False),
    ],
)
async def test_a_person_is_asked_for(said: str, asks_for_a_person: bool) -> None:
    script = OfflineScript(lambda messages: "An answer.")
    model = OfflineChatService(script, pause_seconds=0).chat_model().bind_tools([RequestHuman])
    answer = await model.ainvoke([HumanMessage(said)])
    assert bool(answer.tool_calls) is asks_for_a_person
