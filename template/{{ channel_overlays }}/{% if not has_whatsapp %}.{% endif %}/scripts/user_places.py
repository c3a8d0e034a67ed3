"""Where in the table a user is named."""

from dataclasses import dataclass

from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Value


@dataclass(frozen=True, slots=True)
class Places:
    """What an item about the user has in it."""

    user_id: str

    def condition(self) -> tuple[str, dict[str, Value]]:
        """Return the FilterExpression that holds for the items that name the user, and its values."""
        escaped = escape_key_part(self.user_id)
        values: dict[str, Value] = {
            ":user": self.user_id,
            ":chats": f"USER#{escaped}",
            ":limits": f"LIMIT#{escaped}",
        }
        return "user_id = :user OR partition_key IN (:chats, :limits)", values


async def places_of(table: DynamoDBClient, user_id: str) -> Places:
    """Return where the user with this id is named."""
    return Places(user_id)
