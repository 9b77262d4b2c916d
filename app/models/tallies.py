"""Keep the counts of groups exact, in the transaction that changes them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table, bindparam, update

from app.models.group import TALLY_SLOTS, GroupTally
from storage import Batch, inserting

tallies = cast(Table, GroupTally.__table__)


def counting(dialect: Dialect, rows: Sequence[dict[str, Any]]) -> Batch:
    """Make ready what counts new failures (rows of the `failures` table), all of them open."""
    counts: dict[tuple[str, int], list[Any]] = defaultdict(lambda: [0, None])
    for row in rows:
        tally = counts[row["group_id"], _slot(row["id"])]
        tally[0] += 1
        tally[1] = row["created_at"]
    return _COUNT.ready(
        dialect,
        # in one order everywhere, so that two transactions never wait for each other in a ring
        [
            {"group_id": group, "slot": slot, "total": number, "open": number, "last_seen": seen}
            for (group, slot), (number, seen) in sorted(counts.items(), key=lambda item: item[0])
        ],
    )


def count_open(connection: Connection, changes: Sequence[tuple[str, str, int]]) -> None:
    """Add to the open counts: (group id, failure id, +1 or -1) for each failure opened or closed."""
    deltas: dict[tuple[str, int], int] = defaultdict(int)
    for group_id, failure_id, delta in changes:
        deltas[group_id, _slot(failure_id)] += delta
    if deltas:
        connection.execute(
            _ADD_OPEN,
            [{"group": group, "slot_": slot, "delta": delta} for (group, slot), delta in sorted(deltas.items())],
        )


def _slot(failure_id: str) -> int:
    return int(failure_id[-1], 16) % TALLY_SLOTS


def _add_up(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["group_id", "slot"],
        set_={
            "total": tallies.c.total + statement.excluded.total,
            "open": tallies.c.open + statement.excluded.open,
            "last_seen": statement.excluded.last_seen,
        },
    )


_COUNT = inserting(tallies, _add_up)

_ADD_OPEN = (
    update(tallies)
    .where(tallies.c.group_id == bindparam("group"), tallies.c.slot == bindparam("slot_"))
    .values(open=tallies.c.open + bindparam("delta"))
)
