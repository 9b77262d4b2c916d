"""Whether a failure is among an operation's items is answered by one index, on a table without statistics too."""

from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_bulk_items_failure_id_bulk_id', 'bulk_items', ['failure_id', 'bulk_id'], unique=False)
    op.drop_index('ix_bulk_items_failure_id', 'bulk_items')
