"""What /metrics says, as tests compare it."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

Values = dict[str, float]


async def metrics_of(http: httpx.AsyncClient) -> Values:
    """Return the value of every metric by its name and labels: `name label=value`."""
    response = await http.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        " ".join([sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items()))]): (
            sample.value
        )
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def total(values: Values, name: str, ending: str = "") -> float:
    """Return the sum of a metric over its labels, of those alone that end so."""
    named = {key: value for key, value in values.items() if key.split()[0] == name}
    return sum(value for key, value in named.items() if key.endswith(ending))
