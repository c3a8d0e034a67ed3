"""What a model's tokens cost."""

from dataclasses import dataclass

from domain.dto.chat import TokenUsage

_TOKENS_OF_A_PRICE = 1_000_000


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """US dollars for a million tokens; what passes the cache has prices of its own."""

    input: float
    output: float
    cache_read: float
    cache_write: float

    def times(self, factor: float) -> "ModelPrice":
        """Return the price where everything costs so much more."""
        return ModelPrice(
            self.input * factor,
            self.output * factor,
            self.cache_read * factor,
            self.cache_write * factor,
        )

    def cost_of(self, usage: TokenUsage) -> float:
        """Return the US dollars for these tokens."""
        uncached = usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens
        return (
            uncached * self.input
            + usage.output_tokens * self.output
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
        ) / _TOKENS_OF_A_PRICE
