"""Lines of figures, printed as a table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure: ours, its floor where it has one, and the goal; a goal of `ratio` is for ours / floor."""

    what: str
    ours: float
    floor: float | None = None
    least: float | None = None  # the goal is at least so much …
    most: float | None = None  # … or at most so much
    decimals: int = 0

    @property
    def judged(self) -> float:
        """Return what the goal is for: the ratio where there is a floor, the figure itself elsewhere."""
        return self.ours if self.floor is None else self.ours / self.floor

    @property
    def verdict(self) -> str:
        """Return the goal and whether it is met."""
        if self.least is None and self.most is None:
            return ""
        met = (self.least is None or self.judged >= self.least) and (self.most is None or self.judged <= self.most)
        goal = f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"
        return f"{goal:>8}  {'met' if met else 'MISSED'}"


def show(title: str, lines: Sequence[Line]) -> str:
    """Return the lines as text, in columns."""
    rows = [f"\n{title:<58}{'floor':>10}{'ours':>10}{'ratio':>8}{'goal':>8}"]
    for line in lines:
        floor = "" if line.floor is None else f"{line.floor:,.{line.decimals}f}"
        ratio = "" if line.floor is None else f"{line.judged:.2f}"
        rows.append(f"  {line.what:<56}{floor:>10}{line.ours:>10,.{line.decimals}f}{ratio:>8}{line.verdict}".rstrip())
    return "\n".join(rows)
