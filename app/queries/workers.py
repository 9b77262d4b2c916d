"""Which workers are alive."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.worker import Worker

SILENT = timedelta(seconds=20)  # four beats: one that is late is not dead


def alive(session: Session, now: datetime) -> int:
    """Count the workers that were heard of lately."""
    return session.scalar(select(func.count()).select_from(Worker).where(Worker.seen_at > now - SILENT)) or 0
