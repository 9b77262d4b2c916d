"""The one table that holds every queue, and how a message is written into a row of it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    text,
)

from messaging.message import Message
from storage import Store, UtcDateTime, take_turns

metadata = MetaData()

messages = Table(
    "queue_messages",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("queue", String(255), nullable=False),
    # Message id, content type and headers, as ASCII JSON: NUL and lone surrogates survive on both engines.
    Column("envelope", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("enqueued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    # When it may be handed over: at once, after an interval, or, while leased, when the lease runs out.
    Column("visible_at", UtcDateTime, nullable=False),
    Column("leased", Boolean, nullable=False, default=False),
    Column("deliveries", Integer, nullable=False, default=0),
    Column("fence", BigInteger, nullable=False, default=0),
    Index("queue_messages_in_order", "queue", "visible_at", "id"),
    Index(
        "queue_messages_expiring", "queue", "expires_at", "id",
        sqlite_where=text("expires_at IS NOT NULL"), postgresql_where=text("expires_at IS NOT NULL"),
    ),
    # An id that is never used again: a late acknowledgement must not find a newer message under it.
    sqlite_autoincrement=True,
)

CHANNEL = "queue_messages"

# Consumers look once a second in any case; of what is ready sooner they are told. SQLite tells of every change.
_TELLING = (
    """CREATE OR REPLACE FUNCTION tell_of_messages() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NOTIFY queue_messages;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER tell_of_messages AFTER INSERT OR UPDATE OF visible_at ON queue_messages FOR EACH ROW
    WHEN (NEW.visible_at < clock_timestamp() + interval '1.5 seconds') EXECUTE FUNCTION tell_of_messages()""",
)
_TOLD = text("SELECT 1 FROM pg_trigger WHERE tgname = 'tell_of_messages' AND tgrelid = 'queue_messages'::regclass")
DEEPEST = 64


def create_tables(store: Store) -> None:
    """Create what is missing; any number of processes may do so at once."""
    with store.connect() as connection:
        take_turns(connection, "the queues' table")
        metadata.create_all(connection)
        if not store.is_sqlite and connection.scalar(_TOLD) is None:
            for statement in _TELLING:
                connection.exec_driver_sql(statement)


def to_row(queue: str, message: Message, now: datetime, expires_at: datetime | None = None) -> dict[str, Any]:
    """Write a message as a row that is ready from `now` on.

    Raises:
        TypeError, ValueError: a header is not JSON, or nested too deeply.
    """
    _check_depth(message.headers, DEEPEST)
    envelope = {
        "messageId": message.message_id, "contentType": message.content_type, "headers": message.headers,
    }
    return {
        "queue": queue, "envelope": json.dumps(envelope), "body": message.body,
        "enqueued_at": now, "visible_at": now, "expires_at": expires_at,
    }


def _check_depth(value: object, room: int) -> None:
    # What is written near the end of one stack could not be read near the end of another: a stuck queue.
    if room == 0:
        raise ValueError("nested too deeply")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    for child in children:
        _check_depth(child, room - 1)


def to_message(row: Row[Any]) -> Message:
    """Read a message back, exactly as it was handed over."""
    envelope = json.loads(row.envelope)
    return Message(row.body, envelope["messageId"], envelope["contentType"], envelope["headers"])

