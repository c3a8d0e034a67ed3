"""Decisions of the model as typed values: never by reading its prose."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import structlog
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel

from app.core.service.llm.model_call_handler import SILENT

logger = structlog.get_logger(__name__)

# Each is a call of the model; the second is told what was wrong with the first.
_ATTEMPTS = 2

Schema = TypeVar("Schema", bound=BaseModel)


class Decider(Generic[Schema]):
    """Has the model fill in a schema, whose field descriptions tell it how.

    The prompt and the schema come before the conversation, so that Bedrock can cache both.
    """

    def __init__(self, chat_model: BaseChatModel, schema: type[Schema], prompt: str) -> None:
        self._schema = schema
        self._prompt = SystemMessage(prompt)
        model = chat_model.with_structured_output(schema, include_raw=True)
        # A model may say something before it calls the tool; that is no part of an answer.
        self._model = model.with_config(tags=[SILENT])

    async def decide(self, messages: Sequence[BaseMessage]) -> Schema | None:
        """Return the decision about a conversation, None if the model made no valid one.

        Raises:
            ModelError: the model did not answer.
        """
        conversation = [self._prompt, *messages]
        for _ in range(_ATTEMPTS):
            try:
                outcome: Any = await self._model.ainvoke(conversation)
            except OutputParserException as error:
                # What LangChain makes of prose from a model that cannot be made to call a tool.
                outcome = {"parsed": None, "parsing_error": error}
            if isinstance(outcome["parsed"], self._schema):
                return outcome["parsed"]
            conversation.append(HumanMessage(self._complaint(outcome["parsing_error"])))
        logger.warning("decision_invalid", schema=self._schema.__name__)
        return None

    def _complaint(self, error: Exception | None) -> str:
        fault = "there was no call" if error is None else f"refused: {error}"
        return f"Call the tool {self._schema.__name__} with valid arguments; {fault}"
