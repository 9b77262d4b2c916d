"""The figures that Prometheus scrapes: all read from the tables, so every process tells the same."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.breaker import BreakerState
from app.domain.status import Status
from app.queries import overview, queues, received, targets, workers
from app.queries.totals import attempts_by_outcome
from app.remedies import Outcome

MOST_COUNTED = 100_000
_UP_TO = f"counted up to {MOST_COUNTED:,}"


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
        with self._desk.store.read() as session:
            yield _received(session)
            yield from _waiting(session, self._desk)
            yield from _attempts(session)
            yield GaugeMetricFamily("dlo_workers_alive", "Worker processes heard of within the last 20 s.",
                                    workers.alive(session, self._desk.store.now(session)))
        yield from _targets(self._desk)
        yield from _queues(self._desk)


def _received(session: Session) -> Metric:
    total = CounterMetricFamily(
        "dlo_failures_received", f"Failures stored. Sources after the first {received.MOST_SOURCES} are one.",
        labels=("source", "kind"),
    )
    for labels, number in received.by_source_and_kind(session).items():
        total.add_metric(labels, number)
    return total


def _waiting(session: Session, desk: Desk) -> Iterator[Metric]:
    now = overview.overview(session, desk, MOST_COUNTED)
    age = (desk.clock() - now.oldest_review).total_seconds() if now.oldest_review else 0
    gauges = {
        "dlo_failures_due": ("Scheduled failures that are due", now.due),
        "dlo_failures_overdue": ("Due for more than 30 s", now.overdue),
        "dlo_failures_running": ("Attempts under way", now.open[Status.RUNNING]),
        "dlo_failures_sent": ("Messages sent again and not confirmed yet", now.open[Status.SENT]),
        "dlo_review_open": ("Failures that need a person", now.open[Status.REVIEW]),
    }
    for name, (words, figure) in gauges.items():
        yield GaugeMetricFamily(name, f"{words}, {_UP_TO}.", figure.number)
    yield GaugeMetricFamily("dlo_review_oldest_seconds", "Age of the oldest failure in review, 0 without one.",
                            max(0, age))


def _attempts(session: Session) -> Iterator[Metric]:
    counted = attempts_by_outcome(session)
    attempts = CounterMetricFamily(
        "dlo_attempts", "Attempts by outcome; a sent one counts once more when it returned or was not confirmed.",
        labels=("outcome",),
    )
    for outcome in Outcome:
        attempts.add_metric((outcome,), counted.get(outcome, 0))
    yield attempts
    yield CounterMetricFamily("dlo_lease_rescues", "Attempts whose worker did not come back, taken over.",
                              counted.get(Outcome.ABANDONED, 0))


def _queues(desk: Desk) -> Iterator[Metric]:
    found = queues.depths(desk)
    depth = GaugeMetricFamily("dlo_queue_depth", "Messages in a queue; absent while the broker is away.",
                              labels=("queue",))
    for name, number in found.items():
        depth.add_metric((name,), number)
    yield depth
    yield GaugeMetricFamily("dlo_broker_up", "1 when the broker answers.", float(bool(found)))


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
