"""The warehouse's API."""

from typing import Annotated

from flask import Response, jsonify, request
from pydantic import Field
from werkzeug.exceptions import NotFound

from storage import create_missing, upsert
from stubs.common import faults, operations
from stubs.common.context import Context, Stub
from stubs.common.web import make_app, problem, read
from stubs.common.wire import Body, path_identifier
from stubs.warehouse.adding import Adding, Addition, Outcome
from stubs.warehouse.stock import available, components, metadata

STATUSES = {
    Outcome.ADDED: 200, Outcome.ALREADY: 200, Outcome.REPORTED: 200, Outcome.NOT_ENOUGH: 202,
    Outcome.UNKNOWN_PRODUCT: 404, Outcome.PRODUCTS_AWAY: 503,
}


class Stock(Body):
    """The body of `PUT …/stock/{componentId}`."""

    available: Annotated[int, Field(ge=0, le=1_000_000_000)]


def build(context: Context) -> Stub:
    """Create the tables and the routes."""
    create_missing(context.store, faults.metadata)
    create_missing(context.store, operations.metadata)
    create_missing(context.store, metadata, *faults.triggers(
        context.store, "INSERT ON components", "UPDATE OF available ON components"))
    app = make_app(context)

    @app.post("/warehouse/v1/order/products")
    def add_product() -> Response:
        addition = read(Addition)
        outcome = Adding(context, request.headers.get("traceparent")).add(addition)
        status = STATUSES[outcome]
        if status >= 400:
            return problem(status, outcome.value)
        answer = jsonify(orderId=addition.order_id, productId=addition.product_id,
                         operationId=addition.operation_id, result=outcome.value)
        answer.status_code = status
        return answer

    @app.get("/warehouse/v1/stock/<component_id>")
    def get_stock(component_id: str) -> Response:
        with context.store.read() as session:
            number = available(session, component_id)
        if number is None:
            raise NotFound(f"component {component_id} is unknown")
        return jsonify(componentId=component_id, available=number)

    @app.put("/warehouse/v1/stock/<component_id>")
    def put_stock(component_id: str) -> Response:
        number = read(Stock).available
        row = {"component_id": path_identifier(component_id), "available": number}
        with context.store.write() as session:
            upsert(session, components, row)
        return jsonify(componentId=component_id, available=number)

    @app.get("/_applied")
    def applied() -> Response:
        with context.store.read() as session:
            return jsonify(items=operations.all_applied(session))

    return Stub(app)
