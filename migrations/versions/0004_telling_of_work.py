"""PostgreSQL tells workers of new work."""

from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

# Workers look once a second in any case. What is due later than that they find in time, so nobody is told of it:
# PostgreSQL lets transactions that notify commit one after another only.
SOON = "interval '1.5 seconds'"

TELL = """
CREATE FUNCTION tell_of_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY desk_work;
    RETURN NULL;
END $$
"""

OF_FAILURES = f"""
CREATE TRIGGER tell_of_work AFTER INSERT OR UPDATE OF status, next_attempt_at ON failures FOR EACH ROW
WHEN (NEW.status = 'scheduled' AND NEW.next_attempt_at < clock_timestamp() + {SOON})
EXECUTE FUNCTION tell_of_work()
"""

# What waited for a target may go on: it was resumed, or its breaker has closed.
OF_TARGETS = """
CREATE TRIGGER tell_of_work AFTER UPDATE OF paused, state ON targets FOR EACH ROW
WHEN (NOT NEW.paused AND NEW.state <> 'open')
EXECUTE FUNCTION tell_of_work()
"""


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":  # SQLite tells of every change by itself
        for statement in (TELL, OF_FAILURES, OF_TARGETS):
            op.execute(statement)
