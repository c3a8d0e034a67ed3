"""Takes personal data out of what is traced."""

from typing import Any

from domain.personal_data import without_personal_data


def mask(*, data: Any, **_: Any) -> Any:
    """Return the data with the personal data in its texts, and in the names of its parts, replaced."""
    if isinstance(data, str):
        return without_personal_data(data)
    if isinstance(data, dict):
        return {mask(data=key): mask(data=value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [mask(data=value) for value in data]
    return data
