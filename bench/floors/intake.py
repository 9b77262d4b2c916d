"""The floor of intake: a bare Flask route, a pydantic model, one durable insert."""

import os
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import Flask, request
from pydantic import BaseModel
from sqlalchemy import JSON, Column, DateTime, MetaData, String, Table, Text, insert

from storage import Store, open_store

DATABASE = "FLOOR_DATABASE_URL"

metadata = MetaData()
reports = Table(
    "reports",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("source", String(255), nullable=False),
    Column("operation", String(255), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("error", JSON, nullable=False),
    Column("order_id", String(255)),
    Column("client_id", String(255)),
    Column("remedy", JSON),
    Column("body", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
_INSERT = insert(reports)


class Problem(BaseModel):
    type: str
    message: str
    status: int | None = None
    detail: str | None = None


class Report(BaseModel):
    source: str
    operation: str
    kind: str
    error: Problem
    orderId: str | None = None
    clientId: str | None = None
    occurredAt: datetime | None = None
    payload: Any = None
    remedy: dict[str, Any] | None = None


class Batch(BaseModel):
    failures: list[Report]


def create() -> Flask:
    """Build the application; the granian workers' factory."""
    app, store = Flask(__name__), open_floor(os.environ[DATABASE])

    @app.post("/reports")
    def one() -> tuple[dict[str, Any], int]:
        row = row_of(Report.model_validate_json(request.get_data()))
        with store.connect() as connection:
            connection.execute(_INSERT, row)
        return {"id": row["id"]}, 202

    @app.post("/reports/batch")
    def many() -> tuple[dict[str, Any], int]:
        rows = [row_of(report) for report in Batch.model_validate_json(request.get_data()).failures]
        with store.connect() as connection:
            connection.execute(_INSERT, rows)
        return {"ids": [row["id"] for row in rows]}, 202

    return app


def open_floor(url: str) -> Store:
    """Open the floor's database and make its table where it is missing."""
    store = open_store(url)
    with store.connect() as connection:
        metadata.create_all(connection)
    return store


def row_of(report: Report) -> dict[str, Any]:
    """Return the row of a report."""
    return {
        "id": str(uuid4()), "source": report.source, "operation": report.operation, "kind": report.kind,
        "error": report.error.model_dump(), "order_id": report.orderId, "client_id": report.clientId,
        "remedy": report.remedy, "body": report.model_dump_json(), "created_at": datetime.now(UTC).replace(tzinfo=None),
    }
