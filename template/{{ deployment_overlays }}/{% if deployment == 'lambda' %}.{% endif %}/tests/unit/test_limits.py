"""The list of what API Gateway does otherwise speaks of tests that are there."""

import pytest

from tests.support.bot_folder import BOT_FOLDER
from tests.support.limits import LIMITS
from tests.support.transport_limit import Limit


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.test}-{limit.case}")
def test_a_limit_is_of_one_test_or_a_whole_file(limit: Limit) -> None:
    text = (BOT_FOLDER / "tests" / "e2e" / limit.file).read_text("utf-8")

    assert text.count(f"def {limit.test}") == 1 or not limit.test
