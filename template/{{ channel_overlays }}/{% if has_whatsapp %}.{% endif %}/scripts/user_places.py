"""Where in the table a user is named; on WhatsApp, by their number or their business-scoped id."""

from dataclasses import dataclass

from app.core.service.whatsapp.user_ids import person_of, user_id_of
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Key, Value


@dataclass(frozen=True, slots=True)
class Places:
    """What an item about the user has in it; `person` is their key on WhatsApp."""

    user_id: str
    person: str | None

    def condition(self) -> tuple[str, dict[str, Value]]:
        """Return the FilterExpression that holds for the items that name the user, and its values."""
        escaped = escape_key_part(self.user_id)
        named = "user_id = :user OR partition_key IN (:chats, :limits)"
        values: dict[str, Value] = {
            ":user": self.user_id,
            ":chats": f"USER#{escaped}",
            ":limits": f"LIMIT#{escaped}",
        }
        if self.person is None:
            return named, values
        values |= {":person": self.person, ":session": f"WHATSAPP#{escape_key_part(self.person)}"}
        return f"{named} OR person = :person OR partition_key = :session", values


async def places_of(table: DynamoDBClient, user_id: str) -> Places:
    """Return where the user with this id is named, whichever identifier on WhatsApp it bears."""
    identifier = person_of(user_id)
    if identifier is None:
        return Places(user_id, None)
    known = await table.get(Key(f"WHATSAPP#{escape_key_part(identifier)}", "IDENTITY"))
    person = str(known["person"]) if known else identifier
    return Places(user_id_of(person), person)
