"""An owner answers a question anew: what they wrote into files that go with it is not lost silently."""

from dataclasses import replace
from typing import Any

import pytest

from drills.drill import WAYS
from drills.edits import EDITS, VARIANT
from drills.ground import Ground
from drills.report import record_fates
from releases import NEXT
from variants import choices

SWITCHES: dict[str, dict[str, Any]] = {
    "without-websocket": {"channels": ("rest", "whatsapp")},
    "without-rest": {"channels": ("websocket", "whatsapp")},
    "without-whatsapp": {"channels": ("websocket", "rest")},
    "whatsapp-alone": {"channels": ("whatsapp",)},
    **{
        f"to-{name}": {"graph_preset": name}
        for name in choices("graph_preset")
        if name != VARIANT.graph_preset
    },
    **{
        f"to-{name}": {"deployment": name}
        for name in choices("deployment")
        if name != VARIANT.deployment
    },
    "untraced": {"tracing": False},
    "in-portuguese": {"language": "pt-BR"},
    "everything": {
        "channels": ("rest",),
        "graph_preset": "sales",
        "deployment": "lambda",
        "tracing": False,
        "language": "pt-BR",
    },
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("switch", SWITCHES)
def test_no_edit_is_lost_silently(ground: Ground, switch: str, way: str) -> None:
    after = replace(VARIANT, **SWITCHES[switch])
    answers = {key: after.answers[key] for key in SWITCHES[switch]}
    bot = ground.edited(NEXT, VARIANT, EDITS)

    with ground.updated(bot, NEXT, way, after, **answers) as updated:
        record_fates("answer switched", NEXT, way, f"{VARIANT.id} {switch}", updated)
        assert updated.problems(way) == []
