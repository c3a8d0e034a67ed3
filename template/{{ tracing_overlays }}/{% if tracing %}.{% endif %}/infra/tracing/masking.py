"""Takes personal data out of what is traced, and bounds it."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from pydantic import BaseModel

from domain.personal_data import without_personal_data

# A batch of long texts must stay under what Langfuse takes, and the queue must fit into memory.
_LONGEST_TEXT = 20_000
_MOST_ITEMS = 200


def mask(*, data: Any, **_: Any) -> Any:
    """Return the data with the personal data in its texts, and in the names of its parts, replaced.

    Long texts and lists are cut; what is neither data nor a container of it becomes its text.
    """
    if data is None or isinstance(data, bool | int | float):
        return data
    if isinstance(data, str):
        return without_personal_data(data[:_LONGEST_TEXT])
    if isinstance(data, BaseModel):
        return mask(data=data.model_dump())
    if is_dataclass(data) and not isinstance(data, type):
        return mask(data=asdict(data))
    if isinstance(data, Mapping):
        items = list(data.items())[:_MOST_ITEMS]
        return {mask(data=key): mask(data=value) for key, value in items}
    if isinstance(data, list | tuple | set | frozenset):
        return [mask(data=value) for value in list(data)[:_MOST_ITEMS]]
    return mask(data=str(data))
