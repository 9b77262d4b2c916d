"""What needs a person of a cause, for its count."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

WHERE = sa.text("status = 'review'")


def upgrade() -> None:
    op.create_index('ix_failures_group_review', 'failures', ['group_id'], unique=False,
                    sqlite_where=WHERE, postgresql_where=WHERE)
