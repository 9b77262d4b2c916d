"""Write down who did what, in the act's own transaction."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from app.domain import chain, exact_json
from app.models.audit import AuditEntry, AuditHead

log = logging.getLogger(__name__)

_HEAD = select(AuditHead).with_for_update().execution_options(populate_existing=True)


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
    entry = {"at": now, "actor": actor, "action": action, "failure_id": failure_id, "subject": subject,
             "reason": reason}
    head = session.scalars(_HEAD).one()
    hashed = chain.link(head.hash, entry | {"before": _stored(before), "after": _stored(after)})
    number = session.scalar(
        insert(AuditEntry).values(**entry, before=before, after=after, previous=head.hash, hash=hashed)
        .returning(AuditEntry.id)
    )
    head.entries, head.hash = head.entries + 1, hashed
    told = {"actor": actor, "action": action, "entry": f"{number}:{hashed}"}
    event.listen(session, "after_commit", lambda _: log.info("written into the audit", extra=told), once=True)


def _stored(value: Any) -> str | None:
    return None if value is None else exact_json.dumps(value)
