"""What the queue of the WhatsApp channel carries: whose messages wait in the table, and none of them."""

import json
from dataclasses import dataclass
from typing import Self

from domain.exceptions.whatsapp import InvalidWake


@dataclass(frozen=True, slots=True)
class Wake:
    """Asks to answer a person, who is named by their one key."""

    person: str

    def to_json(self) -> str:
        """Return the body of the queue's message, in ASCII: SQS refuses some characters."""
        return json.dumps({"person": self.person})

    @classmethod
    def from_json(cls, body: str) -> Self:
        """Read the body of the queue's message.

        Raises:
            InvalidWake: it was not written by `to_json`.
        """
        try:
            person = json.loads(body)["person"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise InvalidWake(type(error).__name__) from error
        if not isinstance(person, str) or not person:
            raise InvalidWake("no person")
        return cls(person)
