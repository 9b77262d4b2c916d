"""A desk with something on every page."""

from datetime import timedelta

from sqlalchemy import select

from app.desk import Desk
from app.domain.permissions import OPERATOR
from app.ids import new_id
from app.models.account import ApiToken, RoleRow, UserRow
from app.models.bulk import BulkItem, BulkOperation
from app.models.failure import Failure
from app.services import audit, review
from tests.factories import ORDER_STATUS, STATUS_MESSAGE, STOCK_DECREMENT, make_failure

ORDER = "536365"
QUEUE = "orders.status.dlq"


def fill(desk: Desk, number: int) -> dict[str, str]:
    """Add `number` of everything that pages list; return an example of each parameter of their addresses, by its name.

    There are people already. All failures are of one order; the example has a remedy and needs a person.
    """
    made = [_failures(desk) for _ in range(number)]
    example = made[-1][0]
    for _ in range(number):
        review.comment(desk, example, actor="operator", text="Asked the client.")
    _accounts(desk, number)
    with desk.store.read() as session:
        group_id = session.get_one(Failure, example).group_id
    return {"failure_id": example, "group_id": group_id, "order_id": ORDER, "name": QUEUE,
            "bulk_id": _bulk(desk, [each for ids in made for each in ids])}


def _failures(desk: Desk) -> list[str]:
    now = desk.clock()
    return [
        make_failure(desk, id=new_id(), remedy=STOCK_DECREMENT, status="review", assignee="operator",
                     ship_by=now + timedelta(hours=2), reason="There is not enough in stock."),
        make_failure(desk, id=new_id(), source="orders", operation="order.status", remedy=ORDER_STATUS,
                     error_type="OrderNotFound", status="review"),
        make_failure(desk, id=new_id(), remedy=STATUS_MESSAGE, kind="message", operation="orders.status", queue=QUEUE,
                     message_id=new_id(), status="review", via="dlq"),
        make_failure(desk, id=new_id(), operation="product.lookup", kind="http", error_message=f"no {new_id()[-9:-4]}"),
        make_failure(desk, id=new_id(), remedy=STOCK_DECREMENT),
        make_failure(desk, id=new_id(), remedy=STOCK_DECREMENT, status="resolved"),
    ]


def _accounts(desk: Desk, number: int) -> None:
    with desk.store.write() as session:
        role = session.scalars(select(RoleRow).where(RoleRow.name == OPERATOR)).one()
        for name in (f"account-{new_id()}" for _ in range(number)):
            session.add(UserRow(username=name, email=f"{name}@localhost", password="none", active=True,
                                fs_uniquifier=name, created_at=desk.clock(), roles=[role]))
            session.add(ApiToken(name=name, digest=new_id(), source=None, scopes=["desk:read"],
                                 created_at=desk.clock()))


def _bulk(desk: Desk, failure_ids: list[str]) -> str:
    bulk_id = new_id()
    with desk.store.write() as session:
        session.add(BulkOperation(id=bulk_id, action="retry", status="running", actor="admin", created_at=desk.clock(),
                                  reason="The lock is gone.", total=len(failure_ids)))
        session.flush()
        for position, failure_id in enumerate(failure_ids):
            session.add(BulkItem(bulk_id=bulk_id, position=position, failure_id=failure_id,
                                 outcome=("pending", "succeeded", "failed", "skipped")[position % 4]))
            audit.record(session, actor="admin", action="retry", now=desk.clock(), failure_id=failure_id)
    return bulk_id
