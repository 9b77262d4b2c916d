"""Indexes for lists: of a dead-letter queue's failures, and of those still open; of an operation's."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

DEAD = sa.text("queue IS NOT NULL")
WHERE = sa.text("queue IS NOT NULL AND (failures.status NOT IN ('resolved', 'discarded')) IS TRUE")


def upgrade() -> None:
    op.create_index('ix_failures_open_queue', 'failures', ['queue', 'created_at', 'id'], unique=False,
                    sqlite_where=WHERE, postgresql_where=WHERE)
    op.drop_index('ix_failures_queue', 'failures')
    op.create_index('ix_failures_queue', 'failures', ['queue', 'created_at', 'id'], unique=False,
                    sqlite_where=DEAD, postgresql_where=DEAD)
    op.create_index('ix_failures_operation', 'failures', ['operation', 'created_at', 'id'], unique=False)
