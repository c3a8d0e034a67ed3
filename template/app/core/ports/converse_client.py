"""What the model service needs of Bedrock's Converse API."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol


class ConverseClient(Protocol):
    """Bedrock's ConverseStream operation, without a thread per call."""

    def converse_stream(self, request: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """Send the request and yield the events of the answer as they arrive.

        Closing the generator ends the call at Bedrock.

        Raises:
            ModelError: its kind says what happened; before the first text it was retried.
        """
        ...
