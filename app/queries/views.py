"""A person's saved views."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.view import SavedView


def of(session: Session, user_id: int) -> list[SavedView]:
    """Return a person's views by name; there are never more than `services.views.MOST`."""
    return list(session.scalars(select(SavedView).where(SavedView.user_id == user_id).order_by(SavedView.name)))
