"""A day's failures, each somewhere in its life."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, insert, select, update

from app.desk import Desk
from app.domain.status import CLOSED, Action, Status
from app.models.attempt import attempts
from app.models.audit import AuditEntry
from app.models.failure import failures
from app.models.history import event_row, events
from app.models.tallies import count_open
from app.services import intake
from bench import complaints

NUMBER, BATCH = 10_000, 100
SPAN = timedelta(days=1)
STEP = SPAN / NUMBER
PEOPLE = ("admin", "operator")
# How many of a hundred are where, on a desk that nobody has looked at for long.
SHARES = {Status.RESOLVED: 90.0, Status.REVIEW: 4.0, Status.DISCARDED: 3.0, Status.SCHEDULED: 2.0, Status.SENT: 0.8,
          Status.RUNNING: 0.2}
BY_HAND = 0.2  # of what was resolved
_ONE = update(failures).where(failures.c.id == bindparam("which"))
audit = cast(Table, AuditEntry.__table__)


def live(desk: Desk, begin: datetime) -> None:
    """Report a day's failures from `begin` on, and let each of them get where it is."""
    chance = Random(NUMBER)
    reports = [complaints.report(number, begin + number * STEP, chance) for number in range(NUMBER)]
    for first in range(0, NUMBER, BATCH):
        moment = begin + first * STEP
        body = json.dumps({"failures": reports[first:first + BATCH]}).encode()
        intake.receive_batch(replace(desk, clock=lambda at=moment: at), body, source=None)
    with desk.store.connect() as connection:
        rows = connection.execute(select(failures).order_by(failures.c.created_at, failures.c.id)).all()
        lives = [_life(row, chance) for row in rows]
        connection.execute(_ONE, [{"which": life.row.id} | life.columns for life in lives])
        connection.execute(insert(attempts), [life.attempt for life in lives if life.row.remedy])
        connection.execute(insert(events), [life.event for life in lives])
        connection.execute(insert(audit), [life.entry for life in lives if life.by_hand])
        count_open(connection, [(life.row.group_id, life.row.id, -1) for life in lives if life.status in CLOSED])


@dataclass(frozen=True)
class _Life:
    row: Row[Any]
    status: Status
    by_hand: bool
    actor: str

    @property
    def at(self) -> datetime:
        return cast(datetime, self.row.created_at) + timedelta(minutes=5)

    @property
    def columns(self) -> dict[str, Any]:
        queue = f"{self.row.operation}.dlq" if self.row.operation == "orders.status" else None
        later = {Status.SCHEDULED: "next_attempt_at", Status.SENT: "confirm_by", Status.RUNNING: "lease_until"}
        due = {column: self.at + timedelta(days=1) if column == later.get(self.status) else None
               for column in later.values()}
        assigned = self.actor if self.status == Status.REVIEW and self.by_hand else None
        return due | {"status": self.status, "changed_at": self.at, "queue": queue, "assignee": assigned,
                      "message_id": f"message-{self.row.order_id}" if queue else None, "attempts_made": 1}

    @property
    def attempt(self) -> dict[str, Any]:
        running = self.status == Status.RUNNING
        return {"failure_id": self.row.id, "number": 1, "fence": 1, "actor": "system", "worker": "worker",
                "started_at": self.at, "finished_at": None if running else self.at,
                "outcome": None if running else "applied" if self.status == Status.RESOLVED else "passing",
                "detail": None}

    @property
    def event(self) -> dict[str, Any]:
        action = Action.RESOLVE if self.by_hand else "applied"
        return event_row(self.row.id, self.at, self.actor, action, self.row.status, self.status, None)

    @property
    def entry(self) -> dict[str, Any]:
        return {"at": self.at, "actor": self.actor, "action": "resolve", "failure_id": self.row.id, "reason": "known"}


def _life(row: Row[Any], chance: Random) -> _Life:
    (status,) = chance.choices(list(SHARES), list(SHARES.values()))
    by_hand = chance.random() < BY_HAND
    return _Life(row, status, by_hand, chance.choice(PEOPLE) if by_hand else "system")
