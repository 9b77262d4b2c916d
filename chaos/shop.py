"""The databases that remedies write into, and what they can tell afterwards of every effect."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from sqlalchemy import insert, select, text

from app.remedies.marker import applied_operations
from app.remedies.order_status import orders
from app.remedies.stock_decrement import components
from chaos.cases import ORDER, SHARED, STOCK, Case
from chaos.consumer import handled
from storage import Store

PLENTY, PLENTY_OF_SHARED = 100, 10_000_000

# Writing a status twice leaves no trace in the row: so every write leaves one beside it.
_LOG = "CREATE TABLE changes (order_id VARCHAR(255) NOT NULL)"
_LOGGED = {
    "sqlite": [
        "CREATE TRIGGER logged AFTER UPDATE ON orders BEGIN INSERT INTO changes VALUES (NEW.order_id); END",
    ],
    "postgresql": [
        "CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO changes VALUES (NEW.order_id); RETURN NEW; END $$",
        "CREATE TRIGGER logged AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION log_change()",
    ],
}


def open_shop(warehouse: Store, orders_store: Store, cases: Iterable[Case]) -> None:
    """Make the tables, and put into them all that the cases will need."""
    needed: dict[str, list[Case]] = defaultdict(list)
    for each in cases:
        needed[each.kind].append(each)
    with warehouse.connect() as connection:
        components.metadata.create_all(connection)
        applied_operations.metadata.create_all(connection)
        stock = {f"shared-{number}": PLENTY_OF_SHARED for number in range(SHARED)}
        stock |= {each.component: PLENTY for each in needed[STOCK]}
        rows = [{"component_id": name, "available": number} for name, number in stock.items()]
        connection.execute(insert(components), rows)
    with orders_store.connect() as connection:
        for metadata in (orders.metadata, applied_operations.metadata, handled.metadata):
            metadata.create_all(connection)
        for statement in (_LOG, *_LOGGED[connection.dialect.name]):
            connection.execute(text(statement))
        rows = [{"order_id": str(each.number), "status": "reserved"} for each in needed[ORDER]]
        connection.execute(insert(orders), rows)


def stock_taken(warehouse: Store) -> Counter[str]:
    """Return how much was taken of every component."""
    with warehouse.read() as session:
        rows = session.execute(select(components.c.component_id, components.c.available)).all()
    return Counter({
        name: (PLENTY_OF_SHARED if name.startswith("shared") else PLENTY) - available for name, available in rows
    })


def statuses_written(orders_store: Store) -> Counter[int]:
    """Return how often the status of each order was written."""
    with orders_store.read() as session:
        return Counter(int(row.order_id) for row in session.execute(text("SELECT order_id FROM changes")))


def messages_handled(orders_store: Store) -> Counter[int]:
    """Return how many messages, by their ids, were handled for each case."""
    with orders_store.read() as session:
        return Counter(session.scalars(select(handled.c.number)))
