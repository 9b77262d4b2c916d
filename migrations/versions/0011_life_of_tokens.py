"""Tokens run out, and tell when they were last used."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('expires_at', 'last_used_at'):  # a token from before has no end until it is revoked
        op.add_column('api_tokens', sa.Column(name, sa.DateTime(timezone=True), nullable=True))
