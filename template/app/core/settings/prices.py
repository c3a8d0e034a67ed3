"""Settings of what the model costs."""

import re
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from app.core.settings.known_prices import KNOWN_PRICES, REGIONAL_FACTOR
from domain.dto.model_price import ModelPrice

_PRICE = re.compile(r"\d+(\.\d+)?")
_GLOBAL = "global"


class PriceSettings(BaseSettings):
    """Your own prices, before those that are known."""

    model_prices: Annotated[dict[str, ModelPrice], NoDecode] = Field(default_factory=dict)

    @field_validator("model_prices", mode="before")
    @classmethod
    def _split_prices(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return dict(_own_price(entry.strip()) for entry in value.split(",") if entry.strip())

    def price_of(self, model_id: str) -> ModelPrice | None:
        """Return what the model costs where that is known: by its id, its profile's, or an ARN."""
        if model_id in self.model_prices:
            return self.model_prices[model_id]
        prefix, _, model = model_id.partition(".")
        if model_id in KNOWN_PRICES:
            prefix, model = "", model_id
        price = KNOWN_PRICES.get(model)
        if price is None or not model.startswith("anthropic.") or prefix == _GLOBAL:
            return price
        return price.times(REGIONAL_FACTOR)


def _own_price(entry: str) -> tuple[str, ModelPrice]:
    """Return a model and its price; without prices for the cache, its tokens cost like others."""
    model, _, written = entry.rpartition("=")
    numbers = written.split("/")
    if not model or len(numbers) not in (2, 4) or not all(map(_PRICE.fullmatch, numbers)):
        raise ValueError(
            "write model=input/output or model=input/output/cache read/cache write, in US dollars"
            " for a million tokens"
        )
    input_price, output_price, *cached = map(float, numbers)
    return model, ModelPrice(input_price, output_price, *(cached or (input_price, input_price)))
