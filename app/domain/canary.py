"""Try a few first: how many items of a bulk operation may start now, or whether it must stop."""

from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Canary:
    """How many items to try in each step, and the share of failed ones above which all stops."""

    steps: tuple[int, ...]
    stop_above: float

    @property
    def size(self) -> int:
        """Return how many items all steps try together."""
        return sum(self.steps)


@dataclass(frozen=True)
class Tried:
    """What became of the items so far; skipped ones tell nothing."""

    under_way: int
    succeeded: int
    failed: int

    @property
    def number(self) -> int:
        return self.under_way + self.succeeded + self.failed


def may_start(canary: Canary, tried: Tried) -> int | None:
    """Return how many more items may start: the rest of the present step, 0 to wait; None: no limit any more."""
    for end in accumulate(canary.steps):
        if tried.number < end:
            return end - tried.number
        if tried.number == end and tried.under_way:
            return 0
    return None


@dataclass(frozen=True)
class Stage:
    """The step that is under way: the `number`th of `steps`, with `tried` of its `size` items begun."""

    number: int
    steps: int
    tried: int
    size: int


def stage(canary: Canary, tried: Tried) -> Stage | None:
    """Return the step that is under way; None when all of them are behind."""
    before = 0
    for number, (size, end) in enumerate(zip(canary.steps, accumulate(canary.steps), strict=True), start=1):
        if tried.number < end or (tried.number == end and tried.under_way):
            return Stage(number, len(canary.steps), tried.number - before, size)
        before = end
    return None


def must_stop(canary: Canary, tried: Tried) -> bool:
    """Tell whether a step has just ended with too many failed."""
    ended = tried.number in accumulate(canary.steps) and not tried.under_way
    return ended and tried.failed > canary.stop_above * tried.number
