"""Hold each sender to the intake rate, over all processes. Off unless `DLO_INTAKE_RATE` is set."""

from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain import pacing
from app.errors import TooMany
from app.models.counter import Counter
from storage import insert_if_absent

_COUNTERS = cast(Table, Counter.__table__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
BURST = timedelta(seconds=1)  # services report in bursts: a second's worth may come at once


def check(desk: Desk, sender: str) -> None:
    """Book one report. Raises TooMany when the sender is faster than its rate."""
    if desk.settings.intake_rate is not None:
        _book(desk, sender, 1, desk.settings.intake_rate)


def owe(desk: Desk, sender: str, number: int) -> None:
    """Book further reports of a batch that was taken already: the sender's next request waits for them."""
    if desk.settings.intake_rate is not None and number > 0:
        with desk.store.write() as session:
            slot = _slot(session, sender)
            slot.value += round(number / desk.settings.intake_rate * 1e6)


def _book(desk: Desk, sender: str, number: int, per_second: float) -> None:
    now = desk.clock()
    with desk.store.write() as session:
        slot = _slot(session, sender)
        free = _EPOCH + slot.value * _MICROSECOND
        then = pacing.book(free, now, per_second, number, BURST)
        if then is None:
            raise TooMany(
                f"This token may send {per_second:g} reports per second.", retry_after=(free - now).total_seconds()
            )
        slot.value = (then - _EPOCH) // _MICROSECOND


def _slot(session: Session, sender: str) -> Counter:
    name = f"rate:{sender}"[:80]
    insert_if_absent(session, _COUNTERS, {"name": name, "value": 0})
    return session.scalars(select(Counter).where(Counter.name == name).with_for_update()).one()
