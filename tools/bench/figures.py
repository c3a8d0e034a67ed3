"""A measured figure, as tests/bench writes it and the history keeps it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `floor` and `target` are in the same unit, None where there is none.

    The floor is the least that could do the work, measured in the same run on the same machine.
    """

    name: str
    unit: str
    value: float
    floor: float | None = None
    target: float | None = None
    more_is_better: bool = False

    @property
    def times_floor(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def misses_target(self) -> bool:
        if self.target is None:
            return False
        return self.value < self.target if self.more_is_better else self.value > self.target

    def is_worse_than(self, before: "Figure", tolerance: float) -> bool:
        """Tell whether it is worse by more than a share, in itself and beside its floor.

        A machine that was busier than the last time makes both worse, figure and floor.
        """
        pairs = [(self.value, before.value)]
        if self.times_floor and before.times_floor:
            pairs.append((self.times_floor, before.times_floor))
        if self.more_is_better:
            return all(now < then * (1 - tolerance) for now, then in pairs)
        return all(now > then * (1 + tolerance) for now, then in pairs)


def read(file: Path) -> Iterator[Figure]:
    """Yield the figures of a file that has one on each line, as JSON."""
    for line in file.read_text("utf-8").splitlines():
        yield Figure(**json.loads(line))
