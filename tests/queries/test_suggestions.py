"""What is suggested for the first characters: bounded, by indexes."""

import pytest

from app.desk import Desk
from app.ids import new_id
from app.queries import suggestions
from app.queries.suggestions import Suggestion
from tests.factories import STOCK_DECREMENT, make_failure
from tests.queries.plans import plans


def told(desk: Desk, text: str) -> list[tuple[str, str, str]]:
    return [(item.kind, item.name, str(item.number or "")) for item in found(desk, text)]


def found(desk: Desk, text: str) -> list[Suggestion]:
    with desk.store.read() as session:
        return suggestions.suggestions(session, text)


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **({"client_id": None, "error_message": "x"} | columns))


def test_ids_are_known_by_how_they_begin(desk: Desk) -> None:
    for order in ("536365", "536365", "536366", "1536365"):
        make(desk, order_id=order, client_id="17850", message_id=f"m-{order}")
    assert told(desk, "5363") == [("order", "536365", "2"), ("order", "536366", "1")]
    assert told(desk, "1785") == [("client", "17850", "4")]
    assert told(desk, "m-1") == [("message", "m-1536365", "1")]
    assert told(desk, "5") == told(desk, " ") == told(desk, "no such thing") == []


def test_products_components_and_causes_are_known_by_what_they_hold(desk: Desk) -> None:
    make(desk, remedy=STOCK_DECREMENT | {"components": [{"componentId": "oak-leg", "quantity": 1}]}, order_id=None)
    make(desk, order_id=None, error_type="NotFound", error_message="Products does not know product 'OAK-77'")
    assert told(desk, "oak") == [("product", "OAK-77", ""), ("product", "oak-leg", "")] or \
        told(desk, "oak") == [("product", "oak-leg", ""), ("product", "OAK-77", "")]
    (cause,) = [item for item in found(desk, "does not know") if item.kind == "cause"]
    assert "does not know" in cause.name and cause.id


def test_a_failure_is_known_by_its_id(desk: Desk) -> None:
    failure = make(desk)
    assert found(desk, failure.upper()) == [Suggestion("failure", failure, id=failure)]
    assert found(desk, new_id()) == []


def test_a_secret_is_not_suggested(desk: Desk) -> None:
    make(desk, order_id="4111 1111 1111 1111")
    assert told(desk, "4111") == []


def test_of_many_no_more_is_read_than_anybody_needs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "LOOKED_AT", 3)
    for _ in range(5):
        make(desk, order_id="77")
    assert told(desk, "77") == [("order", "77", "3+")]


def test_every_id_is_looked_up_in_its_index(desk: Desk) -> None:
    for number in range(20):
        make(desk, order_id=f"o{number}", client_id=f"c{number}", message_id=f"m{number}")
    sent = plans(desk, lambda: found(desk, "o1"))
    for column, index in (("order_id", "order"), ("client_id", "client"), ("message_id", "message")):
        (plan,) = [plan for statement, plan in sent.items() if f"ORDER BY failures.{column}" in statement]
        assert f"ix_failures_{index}" in plan, plan
    (newest,) = [plan for statement, plan in sent.items() if "ORDER BY failures.created_at DESC" in statement]
    assert "ix_failures_created" in newest, newest


def test_of_a_large_remedy_no_more_than_its_beginning_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "BEGINNING", 120)
    body = {"productId": "oak \"7\"", "note": "x" * 500, "componentId": "oak-leg"}
    make(desk, remedy={"type": "http_request", "target": "orders", "path": "/", "body": body}, order_id=None)
    assert told(desk, "oak") == [("product", 'oak "7"', "")]
