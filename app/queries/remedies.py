"""The remedies of a list's failures, as they may be shown."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.masking import masked
from app.models.failure import Failure


def of(session: Session, failure_ids: Sequence[str]) -> dict[str, dict[str, Any] | None]:
    """Return each failure's remedy, secrets masked."""
    rows = session.execute(select(Failure.id, Failure.remedy).where(Failure.id.in_(failure_ids)))
    return {row.id: masked(row.remedy) for row in rows}


def stored(session: Session, failure_id: str) -> dict[str, Any] | None:
    """Return one failure's remedy with its secrets: to be corrected, never to be shown."""
    return session.get_one(Failure, failure_id).remedy
