"""What can go wrong at the table."""


class StorageError(Exception):
    """The table refused or did not answer."""


class StorageUnavailable(StorageError):
    """The table is out of reach or throttled, after the bounded retries."""


class ConditionFailed(StorageError):
    """The condition of a write did not hold: another writer was first, or the item is missing."""


class ItemTooLarge(StorageError):
    """The item is over DynamoDB's 400 KB and was not sent."""


class InvalidCursor(StorageError):
    """The cursor of a listing was not made by this table."""
