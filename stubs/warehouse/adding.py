"""Flow A from the warehouse's side: ask Products what is needed, take it from the stock, or report."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal
from uuid import uuid4

from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from reporter import Problem
from stubs.common.calls import Unreachable, call
from stubs.common.context import Context
from stubs.common.operations import is_applied
from stubs.common.wire import Body, Component, Identifier, Quantity, Text, dump, in_path, totals
from stubs.warehouse.stock import NotEnough, suffices, take

PRODUCTS_SHARE = 0.8  # of the time that our own caller waits for us


class Addition(Body):
    """The body of `POST /warehouse/v1/order/products`."""

    order_id: Identifier
    client_id: Identifier
    product_id: Identifier
    order_date: Text
    status: Literal["placed", "approved", "delivered"]
    quantity: Quantity = 1
    # A caller that names none gets no protection from its own repeats.
    operation_id: Identifier = Field(default_factory=lambda: f"order-products-{uuid4()}")


class Outcome(Enum):
    """What became of an addition."""

    ADDED = "added"
    ALREADY = "already added"
    REPORTED = "added; the stock is decremented later"
    NOT_ENOUGH = "accepted, but not enough in stock"
    UNKNOWN_PRODUCT = "the product is unknown"
    PRODUCTS_AWAY = "the products cannot be asked now"


class Needs(Body):
    """What Products answers."""

    components: list[Component]


@dataclass(frozen=True)
class Adding:
    """The use case, with what it needs."""

    context: Context
    traceparent: str | None = None

    def add(self, addition: Addition) -> Outcome:
        """Add a product to an order."""
        try:
            answer = call("GET", self._components_url(addition.product_id),
                          timeout=self.context.call_timeout * PRODUCTS_SHARE)
        except Unreachable:
            return Outcome.PRODUCTS_AWAY
        if answer.status == 404:
            self._report_unknown(addition)
            return Outcome.UNKNOWN_PRODUCT
        if answer.status != 200:
            return Outcome.PRODUCTS_AWAY
        needs = Needs.model_validate(answer.body)
        each = [(component.component_id, component.quantity) for component in needs.components]
        return self._take(addition, {name: n * addition.quantity for name, n in totals(each).items()})

    def _take(self, addition: Addition, needed: dict[str, int]) -> Outcome:
        # Looked at first, and without a lock: only a write that fails although there is enough is reported.
        with self.context.store.read() as session:
            known = is_applied(session, addition.operation_id)
            enough = suffices(session, needed)
        if known or self.context.reporter.knows(addition.operation_id):
            return Outcome.ALREADY
        if not enough:
            return Outcome.NOT_ENOUGH
        try:
            with self.context.store.write() as session:
                take(session, addition.operation_id, addition.order_id, needed, self.context.name)
        except NotEnough:
            return Outcome.NOT_ENOUGH
        except SQLAlchemyError as error:
            self._report_unwritten(addition, needed, error)
            return Outcome.REPORTED
        return Outcome.ADDED

    def _report_unwritten(self, addition: Addition, needed: dict[str, int], error: SQLAlchemyError) -> None:
        remedy = {
            "type": "stock_decrement", "operationId": addition.operation_id, "orderId": addition.order_id,
            "components": [{"componentId": name, "quantity": quantity} for name, quantity in needed.items()],
        }
        # One key over all repeats of the caller, and both warehouses: one failure.
        self.context.reporter.report(
            error, operation="stock.decrement", kind="db_write", remedy=remedy, key=addition.operation_id,
            **self._about(addition))
        self.context.faults.met(error)

    def _report_unknown(self, addition: Addition) -> None:
        unknown = Problem("NotFound", f"Products does not know product {addition.product_id}", 404)
        self.context.reporter.report(
            unknown, operation="product.lookup", kind="http", review=True,
            key=f"unknown-product-{addition.operation_id}", **self._about(addition))

    def _about(self, addition: Addition) -> dict[str, Any]:
        return {
            "order_id": addition.order_id, "client_id": addition.client_id, "payload": dump(addition),
            "traceparent": self.traceparent,
        }

    def _components_url(self, product_id: str) -> str:
        base = self.context.settings.address("products")
        return f"{base}/products/v1/products/{in_path(product_id)}/components"
