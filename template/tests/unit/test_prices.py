import pytest
from pydantic import ValidationError

from app.core.settings.prices import PriceSettings
from domain.dto.chat import TokenUsage
from domain.dto.model_price import ModelPrice

MILLION = TokenUsage(input_tokens=1_000_000)


def settings(prices: str) -> PriceSettings:
    return PriceSettings.model_validate({"model_prices": prices})


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (TokenUsage(), 0.0),
        (TokenUsage(1_000_000, 0), 2.0),
        (TokenUsage(0, 1_000_000), 10.0),
        # What passed the cache is part of the input.
        (TokenUsage(1_000_000, 0, cache_read_tokens=1_000_000), 0.5),
        (TokenUsage(1_000_000, 0, cache_write_tokens=400_000), 0.6 * 2.0 + 0.4 * 3.0),
        (TokenUsage(1_000, 100, cache_read_tokens=500, cache_write_tokens=100), 0.00235),
    ],
)
def test_a_call_costs_its_tokens_by_how_they_passed_the_cache(
    usage: TokenUsage, cost: float
) -> None:
    price = ModelPrice(input=2.0, output=10.0, cache_read=0.5, cache_write=3.0)
    assert price.cost_of(usage) == pytest.approx(cost)


@pytest.mark.parametrize("profile", ["us.", "eu.", ""])
def test_claude_costs_a_tenth_more_in_one_part_of_the_world(profile: str) -> None:
    model = "anthropic.claude-haiku-5-5"
    everywhere = settings("").price_of(f"global.{model}")
    there = settings("").price_of(f"{profile}{model}")
    assert everywhere is not None and there is not None
    assert there.cost_of(MILLION) == pytest.approx(1.1 * everywhere.cost_of(MILLION))


def test_nova_costs_the_same_by_every_name() -> None:
    prices = {settings("").price_of(f"{profile}amazon.nova-lite-v1:0") for profile in ("us.", "")}
    assert len(prices) == 1 and None not in prices


def test_a_price_of_the_owner_goes_before_the_known_one() -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
    own = settings(f"{arn}=1.5/6, us.amazon.nova-lite-v1:0=1/2/0.5/1.25")
    assert own.price_of(arn) == ModelPrice(1.5, 6, cache_read=1.5, cache_write=1.5)
    assert own.price_of("us.amazon.nova-lite-v1:0") == ModelPrice(1, 2, 0.5, 1.25)
    assert own.price_of("offline") is None


@pytest.mark.parametrize("prices", ["nova", "nova=1", "=1/2", "nova=1/2/3", "nova=-1/2", "a=1/nan"])
def test_a_price_that_cannot_be_read_is_refused(prices: str) -> None:
    with pytest.raises(ValidationError, match="write model=input/output"):
        settings(prices)
