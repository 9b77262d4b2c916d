"""Write down who did what, in the act's own transaction."""

import logging
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, event, select, update
from sqlalchemy.orm import Session

from app.domain import chain, exact_json
from app.models.audit import AuditEntry, AuditHead
from storage import Prepared, inserting

log = logging.getLogger(__name__)

_ENTRIES, _HEAD = cast(Table, AuditEntry.__table__), cast(Table, AuditHead.__table__)
_END = select(_HEAD.c.hash).with_for_update()
_APPEND = inserting(_ENTRIES, lambda statement: statement.returning(_ENTRIES.c.id))
_MOVE_ON = Prepared(lambda _engine: update(_HEAD).values(entries=_HEAD.c.entries + 1, hash=bindparam("hash")))


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    now: datetime,
    failure_id: str | None = None,
    subject: str | None = None,
    reason: str | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Append one entry; `subject` names what was acted on where it is no failure.

    The last that a transaction does: until it ends, nobody else can append. So others wait as short as can be, and
    whoever holds the chain's end waits for no other row.
    """
    session.flush()  # what is still to be written of the act comes first
    connection = session.connection()
    previous = connection.execute(_END).scalar_one()
    entry = {"at": now, "actor": actor, "action": action, "failure_id": failure_id, "subject": subject,
             "reason": reason, "previous": previous}
    hashed = chain.link(previous, entry | {"before": _stored(before), "after": _stored(after)})
    number = _APPEND.run_one(connection, entry | {"before": before, "after": after, "hash": hashed}).scalar_one()
    _MOVE_ON.run_one(connection, {"hash": hashed})
    told = {"actor": actor, "action": action, "entry": f"{number}:{hashed}"}
    event.listen(session, "after_commit", lambda _: log.info("written into the audit", extra=told), once=True)


def _stored(value: Any) -> str | None:
    return None if value is None else exact_json.dumps(value)
