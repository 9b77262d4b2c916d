"""The reports of a service, in its own database, until the desk has them."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from storage import Store, UtcDateTime, create_missing, insert_if_absent, rows_changed

metadata = MetaData()

reports = Table(
    "report_outbox", metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String(255), nullable=False),
    Column("path", String(255), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),  # pending, sent, refused
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("answer_status", Integer),
    Column("answer", Text),
    Column("failure_id", String(64)),
    Column("failure_status", String(32)),
    Column("url", Text),
    UniqueConstraint("key", "path", name="report_outbox_key"),
    # Without it SQLite gives the number of the newest row again after that row was deleted.
    sqlite_autoincrement=True,
)

lease = Table(
    "report_lease", metadata,
    Column("name", String(16), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("until", Float, nullable=False),  # seconds since 1970
)

LEASE_SECONDS = 20.0  # longer than one request may take
SENDER = "sender"


@dataclass(frozen=True)
class Entry:
    """One request to the desk; `key` and `body` are the same on every sending of it."""

    key: str
    path: str
    body: bytes
    sequence: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the desk said to an entry that is done with."""

    state: str
    status: int
    text: str
    failure_id: str | None = None
    failure_status: str | None = None
    url: str | None = None


def usable_key(key: str) -> str:
    """Return the key as it is, or its digest where no HTTP header could carry it."""
    if re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        return key
    return "sha256-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Outbox:
    """Keep entries in the order of their writing; `now` gives seconds since 1970."""

    def __init__(self, store: Store, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now

    def create(self) -> None:
        """Create the tables where they are missing."""
        create_missing(self._store, metadata)
        with self._store.write() as session:
            insert_if_absent(session, lease, {"name": SENDER, "owner": "", "until": 0.0})

    def add(self, entry: Entry, session: Session | Connection | None = None) -> None:
        """Write an entry, within the caller's transaction where one is given; a known key changes nothing."""
        values = {
            "key": entry.key, "path": entry.path, "body": entry.body, "state": "pending",
            "created_at": datetime.now(UTC),
        }
        if session is None:
            with self._store.write() as own:
                insert_if_absent(own, reports, values)
            return
        # A savepoint, so that a failure here leaves the caller's transaction usable.
        with session.begin_nested():
            insert_if_absent(session, reports, values)

    def knows(self, key: str, path: str) -> bool:
        """Tell whether an entry was written, sent or not."""
        query = select(reports.c.sequence).where(reports.c.key == usable_key(key), reports.c.path == path)
        with self._store.read() as session:
            return session.execute(query).first() is not None

    def claim(self, owner: str) -> Entry | None:
        """Take the oldest pending entry under the sender's lease; None if there is none or another sends."""
        pending = select(reports).where(reports.c.state == "pending").order_by(reports.c.sequence).limit(1)
        with self._store.read() as session:
            if session.execute(pending).first() is None:
                return None
        mine = or_(lease.c.owner == owner, lease.c.until < self._now())
        renew = update(lease).where(lease.c.name == SENDER, mine)
        with self._store.write() as session:
            taken = session.execute(renew.values(owner=owner, until=self._now() + LEASE_SECONDS))
            row = session.execute(pending).first() if rows_changed(taken) else None
        return Entry(row.key, row.path, row.body, row.sequence) if row else None

    def finish(self, entry: Entry, answer: Answer) -> None:
        """Record the desk's answer to an entry."""
        values = {
            "state": answer.state, "finished_at": datetime.now(UTC), "answer_status": answer.status,
            "answer": answer.text, "failure_id": answer.failure_id, "failure_status": answer.failure_status,
            "url": answer.url,
        }
        with self._store.write() as session:
            session.execute(update(reports).where(reports.c.sequence == entry.sequence).values(**values))

    def release(self, owner: str) -> None:
        """Give the sender's lease back, so that another process need not wait for its end."""
        with self._store.write() as session:
            session.execute(update(lease).where(lease.c.owner == owner).values(until=0.0))

    def last(self) -> int:
        """Return the newest entry's sequence number, 0 when there is none."""
        with self._store.read() as session:
            return session.execute(select(func.max(reports.c.sequence))).scalar() or 0

    def rows(self, after: int = 0, limit: int = 1000) -> list[Row[tuple[object, ...]]]:
        """Read entries in order, those after a sequence number."""
        query = select(reports).where(reports.c.sequence > after).order_by(reports.c.sequence).limit(limit)
        with self._store.read() as session:
            return list(session.execute(query))
