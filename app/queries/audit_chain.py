"""Walk the chain of the audit, and find where it does not hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain as joined
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, Text, select, type_coerce

from app.domain.chain import BEGINNING, FIELDS, link
from app.models.audit import AuditEntry, AuditHead
from storage import Store

CHUNK = 1000

_FIELDS = [type_coerce(column, Text).label(column.key) if column.key in ("before", "after") else column
           for column in (getattr(AuditEntry, name) for name in FIELDS)]
_ENTRIES = select(AuditEntry.id, AuditEntry.at, *_FIELDS, AuditEntry.previous, AuditEntry.hash).order_by(AuditEntry.id)


@dataclass(frozen=True)
class Walked:
    """How far the chain holds: so many entries, the last one's number (0: none) and hash; and what is wrong after."""

    entries: int
    last: int
    hash: str
    fault: str | None = None


def verify(store: Store, known: tuple[int, str] | None = None) -> Walked:
    """Walk the whole chain in chunks; others may append meanwhile.

    `known` are the number and the hash of an entry as they were told earlier: a chain that was written anew has
    another there.
    """
    begun = _head(store)
    walked = Walked(0, 0, BEGINNING)
    for row, following in pairwise(joined(_entries(store), [None])):
        assert row is not None
        if fault := _broken(walked, row, following):
            return replace(walked, fault=fault)
        walked = Walked(walked.entries + 1, row.id, row.hash)
        if walked.entries == begun[0] and walked.hash != begun[1]:
            return replace(walked, fault=f"Entry {row.id} was rewritten: it is not the one that was appended.")
    return replace(walked, fault=_cut_off(store, walked, begun[0]) or _forgotten(store, known))


def _broken(walked: Walked, row: Row[Any], following: Row[Any] | None) -> str | None:
    if following is not None and following.previous == walked.hash:
        return f"Entry {row.id} was inserted: the one after it follows entry {walked.last}."
    if row.hash != link(row.previous, row._asdict()):
        return f"Entry {row.id} was changed: it is not what its hash tells."
    if row.previous != walked.hash:
        return f"Entries between {walked.last} and {row.id} were removed, or entry {walked.last} was rewritten."
    return None


def _cut_off(store: Store, walked: Walked, appended: int) -> str | None:
    if walked.entries < appended:
        return f"Entries after {walked.last} were removed: {appended} were appended, {walked.entries} are there."
    if walked.entries > appended and walked.entries > _head(store)[0]:
        return f"Entry {walked.last} was inserted: it was not appended as others are."
    return None


def _forgotten(store: Store, known: tuple[int, str] | None) -> str | None:
    if known is None:
        return None
    with store.read() as session:
        there = session.scalar(select(AuditEntry.hash).where(AuditEntry.id == known[0]))
    return None if there == known[1] else f"Entry {known[0]} was removed or rewritten, and all after it with it."


def _head(store: Store) -> tuple[int, str]:
    with store.read() as session:
        head = session.scalars(select(AuditHead)).one()
        return head.entries, head.hash


def _entries(store: Store) -> Iterator[Row[Any]]:
    last = 0
    while True:
        with store.read() as session:  # a short look at a time: appending and SQLite's log go on
            rows = session.execute(_ENTRIES.where(AuditEntry.id > last).limit(CHUNK)).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].id
