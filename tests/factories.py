"""Make what a test begins with, straight in the database, in any state."""

import json
from typing import Any

from sqlalchemy import Connection, insert, select, text

from app.desk import Desk
from app.domain import classify
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE, target_of
from app.ids import new_id
from app.models import transitions
from app.models.bulk import BulkItem, BulkOperation
from app.models.group import Group
from app.models.report import StoredReport

STOCK_DECREMENT = {
    "type": "stock_decrement", "operationId": "op-1", "orderId": "536365",
    "components": [{"componentId": "leg", "quantity": 4}],
}
ORDER_STATUS = {"type": "order_status", "operationId": "op-2", "orderId": "536365", "from": "reserved", "to": "paid"}
STATUS_MESSAGE = {"type": "publish_message", "queue": "orders.status", "body": {"orderId": "536365"}}

SHOP_TABLES = (
    "CREATE TABLE applied_operations (operation_id VARCHAR(255) PRIMARY KEY, kind VARCHAR(32) NOT NULL,"
    " order_id VARCHAR(255) NOT NULL, digest VARCHAR(64) NOT NULL, effect TEXT NOT NULL, fence BIGINT NOT NULL,"
    " applied_by VARCHAR(64) NOT NULL, applied_at TIMESTAMP NOT NULL)",
    "CREATE TABLE components (component_id VARCHAR(255) PRIMARY KEY, available INTEGER NOT NULL)",
    "CREATE TABLE orders (order_id VARCHAR(255) PRIMARY KEY, client_id VARCHAR(255) NOT NULL, status VARCHAR(20)"
    " NOT NULL, amount DOUBLE PRECISION, items TEXT NOT NULL, shipping_address TEXT, created_at TIMESTAMP NOT NULL)",
)


def report(**changes: Any) -> dict[str, Any]:
    """Return a report as the warehouse would send it, with some fields changed."""
    return {
        "source": "warehouse", "operation": "stock.decrement", "kind": "db_write",
        "error": {"type": "OperationalError", "message": "database is locked"},
        "orderId": "536365", "clientId": "17850",
    } | changes


def body(**changes: Any) -> bytes:
    """Return a report as the bytes that come over the wire."""
    return json.dumps(report(**changes)).encode()


def make_failure(desk: Desk, *, remedy: dict[str, Any] | None = None, **columns: Any) -> str:
    """Insert one failure with its group, history and report; `columns` set any column. Returns its id."""
    raw = columns.pop("raw", None)
    via, headers = columns.pop("via", "rest"), columns.pop("headers", None)
    row = _row(desk, remedy) | columns
    if raw is None:
        raw = body(source=row["source"], operation=row["operation"], kind=row["kind"], orderId=row["order_id"],
                   clientId=row["client_id"], error={"type": row["error_type"], "message": row["error_message"]},
                   **({"remedy": remedy} if remedy else {}))
    with desk.store.write() as session:
        row["group_id"] = _group(session, row)
        transitions.create(session.connection(), [row], actors=[f"token:{row['source']}"])
        session.execute(insert(StoredReport).values(
            failure_id=row["id"], scope=f"source:{row['source']}", key=row["id"], via=via, first_status=row["status"],
            received_at=row["created_at"], queue=row["queue"], message_id=row["message_id"], headers=headers,
            content_type="application/json", body=raw,
        ))
    return str(row["id"])


def make_bulk_item(desk: Desk, failure_id: str, bulk_id: str = "bulk-1") -> None:
    """Insert a bulk retry of one failure, whose attempt is under way."""
    with desk.store.write() as session:
        session.add(BulkOperation(id=bulk_id, action="retry", status="running", actor="admin", reason="x", total=1,
                                  created_at=desk.clock()))
        session.flush()
        session.add(BulkItem(bulk_id=bulk_id, position=0, failure_id=failure_id, outcome="started"))


def make_shop(desk: Desk) -> None:
    """Create the tables of the Warehouse's and the Orders' databases, empty."""
    for target in (WAREHOUSE_DATABASE, ORDERS_DATABASE):
        with desk.targets.store(target).connect() as connection:
            for statement in SHOP_TABLES:
                connection.execute(text(statement))


def make_stock(desk: Desk, **available: int) -> None:
    """Insert components into the Warehouse's database."""
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        for name, number in available.items():
            connection.execute(text("INSERT INTO components VALUES (:name, :number)"), {"name": name, "number": number})


def make_order(desk: Desk, order_id: str, client_id: str = "17850", **columns: Any) -> None:
    """Insert one order into the Orders' database."""
    row = {"order_id": order_id, "client_id": client_id, "status": "reserved", "amount": None, "items": "[]",
           "shipping_address": None, "created_at": desk.clock().strftime("%Y-%m-%d %H:%M:%S.%f")} | columns
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    with desk.targets.store(ORDERS_DATABASE).connect() as connection:
        connection.execute(text(f"INSERT INTO orders ({names}) VALUES ({values})"), row)


def break_writes(connection: Connection, table: str) -> None:
    """Make every update of a table fail in the database itself, for whoever writes."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(
            f"CREATE TRIGGER fault BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'db_write_fails'); END"
        ))
        return
    connection.execute(text(
        "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'db_write_fails'; END $$"
    ))
    connection.execute(text(f"CREATE TRIGGER fault BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"))


def mend_writes(connection: Connection, table: str) -> None:
    """Let the updates of a table work again."""
    where = "" if connection.dialect.name == "sqlite" else f" ON {table}"
    connection.execute(text(f"DROP TRIGGER IF EXISTS fault{where}"))


def _row(desk: Desk, remedy: dict[str, Any] | None) -> dict[str, Any]:
    now = desk.clock()
    return {
        "id": new_id(int(now.timestamp() * 1000)), "status": "scheduled" if remedy else "review", "reason": None,
        "version": 1, "source": "warehouse", "operation": "stock.decrement", "kind": "db_write",
        "error_type": "OperationalError", "error_message": "database is locked", "error_status": None,
        "order_id": "536365", "client_id": "17850", "queue": None, "message_id": None, "traceparent": None,
        "occurred_at": None, "ship_by": None, "created_at": now, "changed_at": now, "assignee": None,
        "remedy": remedy, "remedy_type": remedy["type"] if remedy else None,
        "target": target_of(remedy) if remedy else None, "next_attempt_at": now if remedy else None,
        "requested_by": None, "bulk_id": None, "attempts_made": 0, "attempts_counted": 0, "abandoned_in_a_row": 0,
        "fence": 0, "lease_until": None, "confirm_by": None,
    }


def _group(session: Any, row: dict[str, Any]) -> str:
    cause = classify.fingerprint(
        row["source"], row["operation"], row["kind"], row["error_type"], row["error_message"]
    )
    found = session.scalar(select(Group.id).where(Group.fingerprint == cause.digest))
    if found is not None:
        return str(found)
    group = Group(
        id=new_id(), fingerprint_version=cause.version, fingerprint=cause.digest, title=cause.title,
        source=row["source"], operation=row["operation"], kind=row["kind"], error_type=row["error_type"],
        first_seen=row["created_at"],
    )
    session.add(group)
    session.flush()
    return group.id
