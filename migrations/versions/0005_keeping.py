"""Indexes of closed failures by age, for their removal."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

WHERE = {
    'ix_failures_closed': sa.text("(status IN ('resolved', 'discarded') AND order_id IS NULL) IS TRUE"),
    'ix_failures_closed_order': sa.text("(status IN ('resolved', 'discarded') AND order_id IS NOT NULL) IS TRUE"),
}


def upgrade() -> None:
    for name, where in WHERE.items():
        op.create_index(name, 'failures', ['changed_at'], unique=False, sqlite_where=where, postgresql_where=where)
