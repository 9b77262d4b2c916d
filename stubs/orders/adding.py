"""Flow A from the orders' side: four calls to warehouse 1, then four to warehouse 2, then the customer's answer."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_when_event_set, wait_exponential

from stubs.common.calls import Answer, Unreachable, call
from stubs.common.context import Context
from stubs.common.wire import Body, Identifier, Quantity, Text, dump, remedy_path
from stubs.orders import records

TRIES = 4
FIRST_WAIT = 0.5  # seconds, doubling
WAREHOUSES = ("warehouse-1", "warehouse-2")


class NewProduct(Body):
    """The body of `POST /v1/orders/{orderId}/products`."""

    client_id: Identifier
    product_id: Identifier
    order_date: Text
    status: Literal["placed", "approved", "delivered"]
    quantity: Quantity = 1
    # The same on every try and at both warehouses: a timeout must not take from the stock twice.
    operation_id: Identifier = Field(default_factory=lambda: f"add-product-{uuid4()}")


@dataclass(frozen=True)
class Adding:
    """The use case, with what it needs."""

    context: Context
    traceparent: str | None = None

    def add(self, order_id: str, product: NewProduct) -> Answer | None:
        """Add a product to an order; return the warehouse's answer, None when neither could be reached."""
        body = {"orderId": order_id, **dump(product)}
        for warehouse in WAREHOUSES:
            try:
                answer = self._ask(warehouse, body)
            except Unreachable:
                continue
            if answer.status == 200:
                self._write(order_id, product)
            return answer
        return None

    def _ask(self, warehouse: str, body: dict[str, Any]) -> Answer:
        tries = Retrying(
            stop=stop_after_attempt(TRIES) | stop_when_event_set(self.context.stop), reraise=True,
            retry=retry_if_exception_type(Unreachable),
            wait=wait_exponential(multiplier=FIRST_WAIT * self.context.scale), sleep=self.context.pause,
        )
        return tries(self._ask_once, warehouse, body)

    def _ask_once(self, warehouse: str, body: dict[str, Any]) -> Answer:
        url = self.context.settings.address(warehouse) + "/warehouse/v1/order/products"
        headers = {"traceparent": self.traceparent} if self.traceparent else None
        answer = call("POST", url, body, timeout=self.context.call_timeout, headers=headers)
        if answer.status >= 500 or answer.status < 200 or 300 <= answer.status < 400:
            raise Unreachable(f"{warehouse} answered {answer.status}")
        return answer

    def _write(self, order_id: str, product: NewProduct) -> None:
        item = {"productId": product.product_id, "quantity": product.quantity, "operationId": product.operation_id}
        try:
            with self.context.store.write() as session:
                records.insert(session, order_id, product.client_id, product.status)
                records.add_item(session, order_id, item)
        except SQLAlchemyError as error:
            self._report_item(order_id, product, error)
            return
        self._move(order_id, product)

    def _move(self, order_id: str, product: NewProduct) -> None:
        # A transaction of its own: the product is in the order even where its status cannot be written.
        with self.context.store.read() as session:
            row = records.find(session, order_id)
        if row is None or row.status == product.status:
            return
        operation = f"status-{product.operation_id}"[:255]
        try:
            with self.context.store.write() as session:
                records.move(session, operation, order_id, row.status, product.status)
        except SQLAlchemyError as error:
            self.context.faults.met(error)
            remedy = {"type": "order_status", "operationId": operation, "orderId": order_id,
                      "from": row.status, "to": product.status}
            self.context.reporter.report(
                error, operation="order.status", kind="db_write", remedy=remedy, key=f"order-status-{operation}",
                order_id=order_id, client_id=product.client_id, traceparent=self.traceparent)

    def _report_item(self, order_id: str, product: NewProduct, error: SQLAlchemyError) -> None:
        # The warehouse has given the goods: the desk adds the product by the same call, under the same operation.
        path = remedy_path("/v1/orders/{}/products", order_id)
        remedy = path and {
            "type": "http_request", "target": "orders", "method": "POST", "path": path,
            "headers": {"Content-Type": "application/json"}, "body": dump(product),
        }
        self.context.reporter.report(
            error, operation="order.add-product", kind="db_write", remedy=remedy or None, order_id=order_id,
            client_id=product.client_id, key=f"order-item-{product.operation_id}", traceparent=self.traceparent)
