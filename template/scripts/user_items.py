"""Which items of the table are about one user."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key
from scripts.user_places import Places, places_of

_CHAT = "CHAT#"
_AUDIT = "AUDIT#"
# They do not say whose they are: as long as they are there, what says it has to be, too.
_NAMELESS = (_AUDIT, "MSG_CHECKPOINT")


@dataclass(frozen=True, slots=True)
class UserItems:
    """The items about one user: their chats as a whole, and the others one by one.

    It holds the names of chats and the keys of the other items, never their content.
    """

    table: DynamoDBClient
    places: Places
    chats: tuple[str, ...]
    others: tuple[Key, ...]

    @classmethod
    async def find(cls, table: DynamoDBClient, user_id: str) -> "UserItems":
        """Look through the whole table, so that also what no list names any more is found."""
        places = await places_of(table, user_id)
        chats: dict[str, None] = {}
        others: list[Key] = []
        async for item in table.scan(*places.condition()):
            key = key_of(item)
            if key.partition.startswith(_CHAT):
                chats[key.partition] = None
                continue
            others.append(key)
            if key.sort.startswith(_CHAT):
                chats[key.sort] = None
            elif isinstance(item.get("chat_id"), str):
                chats[f"{_CHAT}{escape_key_part(str(item['chat_id']))}"] = None
        # What leads from another identifier to the user is needed until the rest is gone.
        others.sort(key=lambda key: key.sort == "IDENTITY")
        return cls(table, places, tuple(chats), tuple(others))

    async def all(self, *, keep_audit: bool = False) -> AsyncGenerator[Item, None]:
        """Yield every item, in an order in which they can be deleted and the rest is still found."""
        for chat in self.chats:
            if not await self._is_theirs(chat):
                continue
            for nameless in (True, False):
                async for item in self.table.all_of(chat):
                    sort_key = key_of(item).sort
                    is_kept = keep_audit and sort_key.startswith(_AUDIT)
                    if sort_key.startswith(_NAMELESS) == nameless and not is_kept:
                        yield item
        for key in self.others:
            if keep_audit and key.partition.startswith(_AUDIT):
                continue
            item_or_none = await self.table.get(key)
            if item_or_none is not None:
                yield item_or_none

    async def _is_theirs(self, chat: str) -> bool:
        """Tell whether nothing in the chat is another user's; what has no name decides nothing."""
        async for item in self.table.all_of(chat):
            if item.get("user_id", self.places.user_id) != self.places.user_id:
                return False
        return True


def key_of(item: Item) -> Key:
    """Return where the item is."""
    return Key(str(item["partition_key"]), str(item["sort_key"]))


def kind_of(item: Item) -> str:
    """Return what kind of item it is: the names in its key, without whose."""
    key = key_of(item)
    return f"{key.partition.partition('#')[0]}/{key.sort.partition('#')[0]}"
