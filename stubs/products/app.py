"""The products that are known, each with its components."""

from typing import Annotated

from flask import Response, jsonify
from pydantic import Field
from sqlalchemy import JSON, Column, MetaData, String, Table, select
from werkzeug.exceptions import NotFound

from storage import create_missing, upsert
from stubs.common import faults
from stubs.common.context import Context, Stub
from stubs.common.web import make_app, read
from stubs.common.wire import Body, Component, Text, dump, path_identifier

metadata = MetaData()

products = Table(
    "products", metadata,
    Column("product_id", String(255), primary_key=True),
    Column("name", String(2000)),
    Column("components", JSON, nullable=False),
)


class Product(Body):
    """The body of `PUT …/components`."""

    components: Annotated[list[Component], Field(min_length=1, max_length=1000)]
    name: Text | None = None


def build(context: Context) -> Stub:
    """Create the tables and the routes."""
    create_missing(context.store, faults.metadata)
    create_missing(context.store, metadata,
                   *faults.triggers(context.store, "INSERT ON products", "UPDATE ON products"))
    app = make_app(context)

    @app.get("/products/v1/products/<product_id>/components")
    def get_components(product_id: str) -> Response:
        with context.store.read() as session:
            row = session.execute(select(products).where(products.c.product_id == product_id)).first()
        if row is None:
            raise NotFound(f"product {product_id} is unknown")
        return jsonify(productId=product_id, name=row.name, components=row.components)

    @app.put("/products/v1/products/<product_id>/components")
    def put_components(product_id: str) -> Response:
        product = read(Product)
        components = [dump(component) for component in product.components]
        row = {"product_id": path_identifier(product_id), "name": product.name, "components": components}
        with context.store.write() as session:
            upsert(session, products, row)
        return jsonify(productId=product_id, name=product.name, components=components)

    return Stub(app)
