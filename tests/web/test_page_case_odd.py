"""Remedies that are odd, and forms that nobody has filled in by hand: the case can be opened, and nothing is spoilt."""

import base64
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from app.domain.masking import masked
from tests import looking
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure, make_shop
from tests.web.forms import opened, press
from tests.web.people import post

LIKE_A_CARD = "4000000000000002"  # a product may well be numbered so


def in_review(desk: Desk, remedy: dict[str, Any]) -> str:
    return make_failure(desk, status="review", remedy=remedy)


def test_the_number_is_masked() -> None:
    assert masked(LIKE_A_CARD) != LIKE_A_CARD


def test_a_masked_component_is_kept_as_it_is_when_another_line_is_taken_out(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    lines = [{"componentId": "leg", "quantity": 4}, {"componentId": LIKE_A_CARD, "quantity": 2}]
    failure = in_review(desk, STOCK_DECREMENT | {"components": lines})
    page = opened(operator, failure)
    press(operator, f"/failures/{failure}", page, "correct", **{"remedy:/components/0/componentId": ""})
    assert looking.failure(desk, failure).remedy == STOCK_DECREMENT | {"components": lines[1:]}


def test_a_masked_product_within_a_message_is_kept_when_a_quantity_is_corrected(
    operator: FlaskClient, desk: Desk
) -> None:
    body = {"eventId": "e", "orderId": "5", "items": [{"productId": LIKE_A_CARD, "quantity": 0}]}
    failure = in_review(desk, {
        "type": "publish_message", "queue": "inventory.order-created",
        "bodyBase64": base64.b64encode(json.dumps(body).encode()).decode(),
    })
    page = opened(operator, failure)
    press(operator, f"/failures/{failure}", page, "correct", **{"remedy:/body/items/0/quantity": "3"})
    remedy = looking.failure(desk, failure).remedy
    assert remedy
    sent = json.loads(base64.b64decode(remedy["bodyBase64"]))
    assert sent["items"] == [{"productId": LIKE_A_CARD, "quantity": 3}]


@pytest.mark.parametrize("body", ["text", [1], 5, {"shippingAddress": 5}, {"items": "x"}])
@pytest.mark.parametrize("path", ["/v1/reservations/1/ship", "/v1/orders/1/products"])
def test_a_call_with_any_body_can_be_opened(operator: FlaskClient, desk: Desk, path: str, body: object) -> None:
    failure = in_review(
        desk, {"type": "http_request", "target": "inventory", "method": "POST", "path": path, "body": body}
    )
    assert operator.get(f"/failures/{failure}").status_code == 200


@pytest.mark.parametrize("seen", ["²", "9" * 5000, "-1", "٣"])
def test_what_a_page_says_to_have_seen_may_be_anything(operator: FlaskClient, desk: Desk, seen: str) -> None:
    failure = in_review(desk, STATUS_MESSAGE)
    answer = post(operator, f"/failures/{failure}", f"/failures/{failure}/retry", version="77", seen=seen)
    assert answer.status_code == 409
