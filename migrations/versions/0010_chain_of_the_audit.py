"""The audit becomes append-only and a chain: what is there is hashed, triggers refuse to change or remove it."""

import sqlalchemy as sa
from alembic import op

from app.domain import chain
from storage import UtcDateTime

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

CHUNK = 1000
INDEXED = ('actor', 'action', 'subject', 'failure_id')

AUDIT = sa.table(
    'audit', sa.column('id', sa.BigInteger), sa.column('at', UtcDateTime), sa.column('previous', sa.String),
    sa.column('hash', sa.String), *(sa.column(name, sa.Text) for name in chain.FIELDS),
)
HEAD = sa.table('audit_head', sa.column('id', sa.Integer), sa.column('entries', sa.BigInteger), sa.column('hash', sa.String))

POSTGRESQL = (
    """
    CREATE FUNCTION refuse_to_change_the_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit is only ever added to';
    END $$
    """,
    """
    CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_to_change_the_audit()
    """,
    """
    CREATE TRIGGER audit_head_is_kept BEFORE DELETE OR TRUNCATE ON audit_head FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_to_change_the_audit()
    """,
    """
    CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head FOR EACH ROW
    WHEN (NEW.entries <> OLD.entries + 1) EXECUTE FUNCTION refuse_to_change_the_audit()
    """,
)

# REPLACE removes a row without any trigger of DELETE, so the key that is taken is refused before.
SQLITE = [
    f"""
    CREATE TRIGGER {name} BEFORE {when}
    BEGIN
        SELECT RAISE(ABORT, 'the audit is only ever added to');
    END
    """
    for name, when in {
        'audit_is_not_changed': 'UPDATE ON audit',
        'audit_is_not_removed': 'DELETE ON audit',
        'audit_is_not_replaced': 'INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)',
        'audit_head_is_kept': 'DELETE ON audit_head',
        'audit_head_is_not_replaced': 'INSERT ON audit_head',
        'audit_head_goes_on': 'UPDATE ON audit_head WHEN NEW.entries <> OLD.entries + 1',
    }.items()
]


def upgrade() -> None:
    for name in ('previous', 'hash'):
        op.add_column('audit', sa.Column(name, sa.String(length=64), nullable=False, server_default=''))
    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entries', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    _chain(op.get_bind())
    op.drop_index('ix_audit_failure_id', 'audit')
    op.create_index('ix_audit_at_id', 'audit', ['at', 'id'], unique=False)
    for name in INDEXED:
        op.create_index(f'ix_audit_{name}_at_id', 'audit', [name, 'at', 'id'], unique=False)
    for statement in SQLITE if op.get_context().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def _chain(connection: sa.Connection) -> None:
    """Link the entries that there are, in their order."""
    write = sa.update(AUDIT).where(AUDIT.c.id == sa.bindparam('which'))
    entries, last, end = 0, 0, chain.BEGINNING
    while rows := connection.execute(
        sa.select(AUDIT).where(AUDIT.c.id > last).order_by(AUDIT.c.id).limit(CHUNK)
    ).mappings().all():
        links = []
        for row in rows:
            before, end = end, chain.link(end, row)
            links.append({'which': row['id'], 'previous': before, 'hash': end})
        connection.execute(write, links)
        entries, last = entries + len(rows), rows[-1]['id']
    connection.execute(sa.insert(HEAD).values(id=1, entries=entries, hash=end))
