"""Create what is missing in a database, safely when several processes start at once."""

from sqlalchemy import MetaData

from storage.engine import Store
from storage.statements import take_turns


def create_missing(store: Store, metadata: MetaData, *statements: str) -> None:
    """Create the missing tables of `metadata`, then run `statements`, all in one transaction.

    Two processes that start at once both look for a table before either has made it: PostgreSQL answers the
    slower one with an error, `IF NOT EXISTS` or not. SQLite needs nothing: the transaction is IMMEDIATE.
    """
    with store.connect() as connection:
        take_turns(connection, "create what is missing")
        metadata.create_all(connection)
        for statement in statements:
            connection.exec_driver_sql(statement)
