"""The remedy that the desk proposes where the report brought none."""

from typing import Any

import pytest

from app.domain.bodies import json_body
from app.domain.proposing import proposed
from app.domain.report import validate_remedy

PAYLOAD: dict[str, Any] = {"orderId": "заказ 7", "clientId": "1", "productId": "P", "orderDate": "2026-11-20",
                           "status": "placed", "quantity": 2, "operationId": "op", "token": "not taken over"}


def test_an_unknown_product_is_added_again_by_orders_under_the_same_operation() -> None:
    remedy = proposed("product.lookup", PAYLOAD)
    assert remedy and remedy["path"].isascii() and remedy["body"]["operationId"] == "op"
    assert "token" not in remedy["body"] and "orderId" not in remedy["body"]
    assert validate_remedy(remedy, {"http_targets": frozenset({"orders"}), "queues": {}}) == remedy


@pytest.mark.parametrize("operation, payload", [
    ("stock.decrement", PAYLOAD), ("product.lookup", None), ("product.lookup", PAYLOAD | {"orderId": 7}),
    ("product.lookup", PAYLOAD | {"orderId": ".."}),
    ("product.lookup", {name: value for name, value in PAYLOAD.items() if name != "operationId"}),
])
def test_where_anything_is_missing_nothing_is_proposed(operation: str, payload: object) -> None:
    assert proposed(operation, payload) is None


@pytest.mark.parametrize("remedy, body", [
    ({"body": {"a": 1}}, {"a": 1}), ({"bodyBase64": "eyJhIjogMX0="}, {"a": 1}), ({"bodyBase64": "!"}, None),
    ({"bodyBase64": "WzFd"}, None), ({"body": "text"}, None), ({}, None),
])
def test_the_json_of_a_body_is_read_whichever_way_it_is_kept(remedy: dict[str, Any], body: object) -> None:
    assert json_body(remedy) == body
