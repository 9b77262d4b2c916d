"""The orders that everybody pays; the database itself counts how often each was written, and when last."""

from dataclasses import dataclass

from sqlalchemy import insert, text

from app.remedies.marker import applied_operations
from app.remedies.order_status import orders
from storage import Store, open_store

_COUNTING = (
    "ALTER TABLE orders ADD COLUMN times integer NOT NULL DEFAULT 0, ADD COLUMN at timestamptz",
    "CREATE FUNCTION count_writes() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN NEW.times := OLD.times + 1; NEW.at := clock_timestamp(); RETURN NEW; END $$",
    "CREATE TRIGGER count_writes BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION count_writes()",
)
_TALLY = text(
    "SELECT count(*) FILTER (WHERE times = 0), count(*) FILTER (WHERE times > 1), coalesce(sum(times), 0),"
    " extract(epoch FROM max(at) - min(at)) FROM orders"
)


@dataclass(frozen=True)
class Tally:
    """How many orders were never written, how many more than once; all writes, and the seconds they took."""

    missing: int
    twice: int
    writes: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return the writes per second, from the first to the last."""
        return self.writes / self.seconds if self.seconds else 0.0


class Orders:
    """A database with so many reserved orders."""

    def __init__(self, url: str, number: int) -> None:
        self.url, self.number = url, number
        self.names = [f"order-{count}" for count in range(number)]
        self.store: Store = open_store(url)
        with self.store.connect() as connection:
            orders.metadata.create_all(connection)
            applied_operations.metadata.create_all(connection)
            for statement in _COUNTING:
                connection.execute(text(statement))
            connection.execute(insert(orders), [{"order_id": name, "status": "reserved"} for name in self.names])

    def tally(self) -> Tally:
        """Count what was written so far."""
        with self.store.read() as session:
            missing, twice, writes, seconds = session.execute(_TALLY).one()
        return Tally(missing, twice, writes, float(seconds or 0))

    def close(self) -> None:
        """Close the connections."""
        self.store.close()
