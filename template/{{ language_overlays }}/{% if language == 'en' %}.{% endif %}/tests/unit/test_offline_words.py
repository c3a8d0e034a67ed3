"""By which words the offline model hears that somebody asks for a person."""

import pytest
from langchain_core.messages import HumanMessage

from app.core.service.llm.handoff import RequestHuman
from app.core.service.llm.offline_chat_service import OfflineChatService, OfflineScript


@pytest.mark.parametrize(
    ("said", "asks_for_a_person"),
    [
        ("I want to talk to a person", True),
        ("can I speak to someone?", True),
        ("get me a real person", True),
        ("an agent, please", True),
        ("no robots, talk to a HUMAN", True),
        ("I need a present for a person of 60", False),
        ("has somebody bought this coffee?", False),
    ],
)
async def test_a_person_is_asked_for(said: str, asks_for_a_person: bool) -> None:
    script = OfflineScript(lambda messages: "An answer.")
    model = OfflineChatService(script, pause_seconds=0).chat_model().bind_tools([RequestHuman])
    answer = await model.ainvoke([HumanMessage(said)])
    assert bool(answer.tool_calls) is asks_for_a_person
