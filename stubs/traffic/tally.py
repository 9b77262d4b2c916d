"""What traffic has done, and which failures it expects to be kept."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Expected:
    """A failure that was caused: what must be found of it, in a stub's reports or as a dead letter."""

    scenario: str
    order_id: str
    operation: str
    is_dead_letter: bool = False


@dataclass
class Tally:
    """Counts, by what happened."""

    orders: Counter[str] = field(default_factory=Counter)
    additions: Counter[str] = field(default_factory=Counter)
    payments: int = 0
    unpaid: int = 0
    scenarios: Counter[str] = field(default_factory=Counter)
    expected: list[Expected] = field(default_factory=list)
