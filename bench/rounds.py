"""Measure in turns, a floor and then ours, so that a noisy moment of the machine strikes both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Round:
    """One measurement: how many were done in how long, how long each took (where that is known), and what failed."""

    done: int
    seconds: float
    latencies: Sequence[float] = ()
    errors: int = 0

    @property
    def rate(self) -> float:
        """Return how many were done per second."""
        return self.done / self.seconds


@dataclass(frozen=True)
class Series:
    """The rounds of one thing."""

    rounds: Sequence[Round]

    @property
    def rate(self) -> float:
        """Return the median of the rounds' rates."""
        return median(each.rate for each in self.rounds)

    @property
    def p95(self) -> float:
        """Return the median of the rounds' 95th percentiles, in seconds."""
        return median(percentile(each.latencies, 0.95) for each in self.rounds)

    @property
    def errors(self) -> int:
        """Return how many failed in all rounds."""
        return sum(each.errors for each in self.rounds)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_turns(measures: Mapping[str, Callable[[], Round]], rounds: int) -> dict[str, Series]:
    """Run every measure once as a rehearsal that does not count, then all of them, `rounds` times over."""
    for measure in measures.values():
        measure()
    results: dict[str, list[Round]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            results[name].append(measure())
    return {name: Series(taken) for name, taken in results.items()}
