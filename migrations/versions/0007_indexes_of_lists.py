"""Indexes for lists: what is open of a dead-letter queue, the oldest first; an operation, the newest first."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

WHERE = sa.text("(failures.queue IS NOT NULL AND failures.status NOT IN ('resolved', 'discarded')) IS TRUE")


def upgrade() -> None:
    op.create_index('ix_failures_open_queue', 'failures', ['queue', 'created_at', 'id'], unique=False,
                    sqlite_where=WHERE, postgresql_where=WHERE)
    op.create_index('ix_failures_operation', 'failures', ['operation', 'created_at', 'id'], unique=False)
