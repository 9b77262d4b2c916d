"""The figures that Prometheus scrapes: all read from the tables, so every process tells the same."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from app.desk import Desk
from app.domain.breaker import BreakerState
from app.domain.status import Status
from app.queries import overview, queues, received, targets
from app.services.counting import attempts_by_outcome

MOST_COUNTED = 100_000


def exposition(desk: Desk) -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Figures(desk))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is read at registration

    def collect(self) -> Iterator[Metric]:
        yield from _failures(self._desk)
        yield from _attempts(self._desk)
        yield from _queues(self._desk)
        yield from _targets(self._desk)


def _failures(desk: Desk) -> Iterator[Metric]:
    with desk.store.read() as session:
        came = received.by_source_and_kind(session)
        now = overview.overview(session, desk, MOST_COUNTED)
    total = CounterMetricFamily("dlo_failures_received", "Failures stored.", labels=("source", "kind"))
    for source, kind, number in came:
        total.add_metric((source, kind), number)
    yield total
    up_to = f"counted up to {MOST_COUNTED:,}"
    age = (desk.clock() - now.oldest_review).total_seconds() if now.oldest_review else 0
    yield GaugeMetricFamily("dlo_failures_due", f"Scheduled failures that are due, {up_to}.", now.due.number)
    yield GaugeMetricFamily("dlo_failures_overdue", f"Due for more than 30 s, {up_to}.", now.overdue.number)
    yield GaugeMetricFamily("dlo_failures_running", f"Attempts under way, {up_to}.", now.open[Status.RUNNING].number)
    yield GaugeMetricFamily("dlo_review_open", f"Failures that need a person, {up_to}.",
                            now.open[Status.REVIEW].number)
    yield GaugeMetricFamily("dlo_review_oldest_seconds", "Age of the oldest failure in review.", max(0, age))


def _attempts(desk: Desk) -> Iterator[Metric]:
    attempts = CounterMetricFamily(
        "dlo_attempts", "Attempts by outcome; a sent one counts once more when it returned or was not confirmed.",
        labels=("outcome",),
    )
    for outcome, number in attempts_by_outcome(desk).items():
        attempts.add_metric((outcome,), number)
    yield attempts


def _queues(desk: Desk) -> Iterator[Metric]:
    depth = GaugeMetricFamily("dlo_queue_depth", "Messages in a queue; absent while the broker is away.",
                              labels=("queue",))
    for row in queues.listed(desk):
        if row.depth is not None:
            depth.add_metric((row.name,), row.depth)
    yield depth


def _targets(desk: Desk) -> Iterator[Metric]:
    breaker = GaugeMetricFamily("dlo_target_breaker", "1 for the state of a target's breaker.",
                                labels=("target", "state"))
    paused = GaugeMetricFamily("dlo_target_paused", "1 while a target is paused.", labels=("target",))
    for row in targets.listed(desk):
        for state in BreakerState:
            breaker.add_metric((row.name, state), float(row.breaker == state))
        paused.add_metric((row.name,), float(row.paused))
    yield breaker
    yield paused
