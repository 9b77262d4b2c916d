"""Ask Shipping for one order, and write down what it said."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from reporter import Problem
from stubs.common.calls import Answer, TimedOut, Unreachable, call
from stubs.common.context import Context
from stubs.common.wire import remedy_path
from stubs.inventory import records

OPEN = (records.RESERVED, records.AWAITING)
ANY = (*OPEN, records.AWAITING_MANUAL)


class ShippingAway(Exception):
    """Shipping could not be asked, or could not say; asking again may help."""


class NotReported(Exception):
    """A report is not safe: what it tells must not be committed either, and comes again."""


def ask(context: Context, order_id: str, address: str) -> Answer:
    """Ask Shipping once; no answer is a 504 or 503."""
    body = {"orderId": order_id, "shippingAddress": address}
    url = context.settings.address("shipping") + "/prepare-shipping"
    try:
        return call("POST", url, body, timeout=context.call_timeout)
    except TimedOut as error:
        return Answer(504, {"error": str(error)})
    except Unreachable as error:
        return Answer(503, {"error": str(error)})


def ask_firmly(context: Context, row: Row[Any]) -> Answer:
    """Ask Shipping once for a reservation; the answer is a yes (200) or a no (4xx).

    Raises:
        ShippingAway: neither.
    """
    answer = ask(context, row.order_id, row.shipping_address)
    if answer.status == 200 or (400 <= answer.status < 500 and answer.status not in (408, 425, 429)):
        return answer
    raise ShippingAway(answer.error)


@dataclass(frozen=True)
class Ledger:
    """Writes what became of reservations."""

    context: Context

    def settle(self, row: Row[Any], answer: Answer) -> None:
        """Write Shipping's yes, or report its no for a person to correct."""
        with self.context.store.write() as session:
            if answer.status == 200:
                records.change(session, row.order_id, ANY, status=records.SHIPPING, send_at=None)
            elif records.change(session, row.order_id, OPEN, status=records.RESERVED, send_at=None):
                problem = Problem("ShippingRefused", answer.error, answer.status)
                self._report(session, row, problem, f"shipping-refused-{row.order_id}")

    def hold(self, row: Row[Any], send_at: float) -> None:
        """Let an order wait for shipment; it is asked for again at `send_at`, in seconds since 1970."""
        with self.context.store.write() as session:
            records.change(session, row.order_id, OPEN, status=records.AWAITING, send_at=send_at)

    def give_up(self, row: Row[Any]) -> None:
        """Leave a waiting order to a person."""
        with self.context.store.write() as session:
            waiting = (records.AWAITING,)
            if records.change(session, row.order_id, waiting, status=records.AWAITING_MANUAL, send_at=None):
                problem = Problem("ShippingUnavailable", "Shipping stayed away after all retries and probes", 503)
                self._report(session, row, problem, f"shipping-unavailable-{row.order_id}")

    def _report(self, session: Session, row: Row[Any], problem: Problem, key: str) -> None:
        path = remedy_path("/v1/reservations/{}/ship", row.order_id)
        remedy = {
            "type": "http_request", "target": "inventory", "method": "POST", "path": path,
            "headers": {"Content-Type": "application/json"}, "body": {"shippingAddress": row.shipping_address},
        }
        stored = self.context.reporter.report(
            problem, operation="shipping.prepare", kind="http", remedy=remedy if path else None, review=True,
            order_id=row.order_id, client_id=row.client_id, key=key, session=session,
            payload={"orderId": row.order_id, "shippingAddress": row.shipping_address, "items": row._mapping["items"]},
        )
        if not stored:
            raise NotReported(key)
