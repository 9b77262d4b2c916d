"""Which values of an order agree over the services."""

from typing import Any

from app.domain.comparing import Known, items_of, side_by_side


def odd(known: Known) -> dict[str, list[str]]:
    """Return the sources that disagree, by field."""
    return {line.name: [source for source, cell in zip(known, line.cells, strict=True) if cell.differs]
            for line in side_by_side(known) if line.differs}


def order(**changes: Any) -> dict[str, Any]:
    return {"status": "reserved", "clientId": "17850", "amount": 139.5, "shippingAddress": "Москва, Тверская 1",
            "items": [{"productId": "P1", "quantity": 2, "price": 1.5}]} | changes


def test_what_is_only_written_differently_agrees() -> None:
    reservation = order(amount=139.501, shippingAddress="москва  тверская, 1 ", items=[
        {"productId": "P1", "quantity": 1}, {"productId": "P1"}])
    assert odd({"orders": order(), "inventory": reservation}) == {}


def test_the_orders_word_counts_and_the_others_are_marked() -> None:
    told = order(clientId="1", items=[{"productId": "P2"}])
    assert odd({"failure": told, "orders": order(), "shipping": {"shippingAddress": "Тверь", "status": "preparing"},
                "inventory": order(status="shipping")}) == {
        "clientId": ["failure"], "items": ["failure"], "shippingAddress": ["shipping"]}


def test_a_field_that_nobody_has_is_no_line_and_one_that_is_missing_differs_from_nothing() -> None:
    known = {"orders": order(amount=None, shippingAddress=""), "shipping": {"shippingAddress": "X"}, "inventory": None}
    assert "amount" not in [line.name for line in side_by_side(known)]
    assert odd(known) == {}


def test_statuses_are_compared_by_what_they_mean() -> None:
    assert odd({"orders": order(status="paid"), "inventory": {"status": "shipping"},
                "shipping": {"status": "preparing"}}) == {}
    assert odd({"orders": order(status="cancelled"), "inventory": {"status": "reserved"}}) == {"status": ["orders"]}
    assert odd({"orders": order(), "inventory": {"status": "reserved"}, "shipping": {"status": "preparing"}}) == {
        "status": ["inventory"]}
    assert odd({"orders": order(), "inventory": {"status": "shipping"}, "shipping": {}}) == {"status": ["shipping"]}


def test_who_could_not_be_asked_does_not_disagree() -> None:
    assert odd({"orders": order(), "inventory": {"status": "shipping"}, "shipping": None}) == {}


def test_a_product_that_was_added_later_is_no_disagreement_and_one_that_orders_does_not_know_is() -> None:
    grown = order(items=[{"productId": "P1", "quantity": 3}, {"productId": "P2", "quantity": 1}])
    assert odd({"failure": order(), "orders": grown, "inventory": order(status="reserved")}) == {}
    assert odd({"orders": order(), "inventory": grown}) == {"items": ["inventory"]}


def test_odd_items_are_passed_over() -> None:
    assert items_of([1, {"productId": 3}, {"productId": "P", "quantity": "two"}, {"productId": "P"}]) == {"P": 1}
    assert items_of("two chairs, please") == {}
