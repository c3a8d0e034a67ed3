"""What the graph did in a turn, small enough to be kept with the answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

# An answer of 500 characters with the steps of a usual turn stays under 1 KB, which is one write unit.
MAX_STEPS_BYTES = 400
_MAX_NAME = 40
# Stands for the steps that had no room.
_LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class TurnStep:
    """A node that ran: for how long, which tools it used, what its model calls used.

    `error` is the stable code of what went wrong in it, empty if nothing did.
    """

    node: str
    milliseconds: int
    input_tokens: int = 0
    output_tokens: int = 0
    tools: tuple[str, ...] = ()
    error: str = ""


def steps_to_text(steps: Sequence[TurnStep]) -> str:
    """Return the steps in at most `MAX_STEPS_BYTES` bytes; of too many, those in the middle go."""
    rows = [_row(step) for step in steps]
    text = _text(rows)
    while len(text.encode()) > MAX_STEPS_BYTES and rows:
        rows.pop(len(rows) // 2)
        text = _text([*rows[: len(rows) // 2], [_LEFT_OUT], *rows[len(rows) // 2 :]])
    return text


def steps_from_text(text: str) -> tuple[TurnStep, ...]:
    """Return the steps that `steps_to_text` wrote; none where another version of the bot wrote them."""
    try:
        rows = json.loads(text or "[]")
        return tuple(_step(*row) for row in rows if isinstance(row, list))
    except (ValueError, TypeError):
        return ()


def _row(step: TurnStep) -> list[object]:
    tools = [tool[:_MAX_NAME] for tool in step.tools]
    row = [
        step.node[:_MAX_NAME],
        step.milliseconds,
        step.input_tokens,
        step.output_tokens,
        tools,
        step.error[:_MAX_NAME],
    ]
    # What most steps do not have takes no room.
    while len(row) > 2 and not row[-1]:
        row.pop()
    return row


def _step(
    node: str,
    milliseconds: int = 0,
    input_tokens: int = 0,
    output_tokens: int = 0,
    tools: Sequence[str] = (),
    error: str = "",
) -> TurnStep:
    return TurnStep(node, milliseconds, input_tokens, output_tokens, tuple(tools), error)


def _text(rows: Sequence[Sequence[object]]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
