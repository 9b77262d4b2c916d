"""Remove closed failures that have been kept long enough, a chunk at a time.

What is open is never touched. The audit stays, and so do the markers in the targets: reported once more, a failure that
was removed is a new one, and its marker keeps its effect from happening twice.
"""

from datetime import timedelta

from app.desk import Desk
from app.models import transitions
from app.models.failure import CLOSED, CLOSED_WITH_ORDER

CHUNK = 200  # failures in a transaction: with all that hangs on them, some tens of milliseconds


def prune(desk: Desk) -> bool:
    """Delete one chunk of failures that were closed, and not touched since, long enough ago; True when there were any.

    Their reports, attempts and history go with them; their groups go on telling how often a cause has struck.
    """
    kept = desk.settings
    return (
        _prune(desk, CLOSED, timedelta(days=kept.keep_closed_days))
        or _prune(desk, CLOSED_WITH_ORDER, timedelta(days=kept.keep_order_days))
    )


def _prune(desk: Desk, which: str, age: timedelta) -> bool:
    with desk.store.write() as session:
        before = desk.store.now(session) - age
        return transitions.remove(session, which, untouched_since=before, limit=CHUNK) > 0
