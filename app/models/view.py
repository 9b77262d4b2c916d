"""What a person looks at again and again."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, PlainJson


class SavedView(Base):
    """A list (`page`: `review` or `failures`) under the filters of a name; seen by its owner alone."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    page: Mapped[str] = mapped_column(String(10))
    narrowed: Mapped[dict[str, str]] = mapped_column(PlainJson)
    created_at: Mapped[datetime]
