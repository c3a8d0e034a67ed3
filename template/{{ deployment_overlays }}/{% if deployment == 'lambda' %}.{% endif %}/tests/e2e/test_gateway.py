"""What API Gateway in front of the bot changes on purpose."""

import httpx

from tests.support.gateway import BotsBehindGateway


async def test_the_metrics_of_one_environment_are_not_served(
    bots_behind_gateway: BotsBehindGateway,
) -> None:
    bot = bots_behind_gateway(LLM_PROVIDER="offline")

    async with httpx.AsyncClient(base_url=bot.url) as http:
        response = await http.get("/metrics")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
