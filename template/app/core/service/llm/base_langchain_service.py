"""The language model, as the graph's nodes see it."""

from abc import ABC, abstractmethod

from langchain_core.language_models import BaseChatModel


class BaseLangChainService(ABC):
    """Gives the chat model that the nodes call."""

    @abstractmethod
    def chat_model(self) -> BaseChatModel:
        """Return the model; it streams natively and may be called by many turns at once."""
