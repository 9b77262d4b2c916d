"""What people read of a failure, in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.routes.pages import words
from app.routes.pages.words.headline import Step

STATUS = {"type": "order_status", "orderId": "7", "operationId": "o", "from": "reserved", "to": "paid"}
STOCK = {"type": "stock_decrement", "orderId": "7", "operationId": "o", "components": []}
MESSAGE = {"type": "publish_message", "queue": "orders.status", "body": {}}


@dataclass(frozen=True)
class Case:
    """A failure, as far as its words go."""

    source: str = "orders"
    operation: str = "order.status"
    kind: str = "db_write"
    error_type: str = "OperationalError"
    error_message: str = "database is locked"
    error_status: int | None = None
    order_id: str | None = "7"


Say = Callable[[str, Case, dict[str, Any] | None], str]


@pytest.fixture
def say(app: Flask) -> Say:
    def said(language: str, case: Case, remedy: dict[str, Any] | None) -> str:
        with app.test_request_context(headers={"Accept-Language": language}):
            return words.headline(case, remedy)

    return said


CASES = [
    (Case(error_type="OrderNotFound"), STATUS, Step.FIND,
     "Order 7 was paid, but Orders has no such order.", "Заказ 7 оплачен, но в «Заказах» такого заказа нет."),
    (Case(error_type="OrderNotFound"), STATUS | {"to": "delivered"}, Step.FIND,
     "Orders has no order 7, which should become “delivered”.",
     "В «Заказах» нет заказа 7, который должен перейти в состояние «доставлен»."),
    (Case(error_type="OrderCancelled"), STATUS, Step.BY_HAND,
     "Order 7 should become “paid”, but it is cancelled.",
     "Заказ 7 должен перейти в состояние «оплачен», но он отменён."),
    (Case(), STATUS, Step.RETRY, "The status of order 7 could not be written: reserved → paid.",
     "Не удалось записать состояние заказа 7: зарезервирован → оплачен."),
    (Case(source="warehouse", operation="stock.decrement"), STOCK, Step.RETRY,
     "The goods of order 7 could not be taken from stock.", "Товар по заказу 7 не удалось списать со склада."),
    (Case(operation="product.lookup", kind="http", error_type="NotFound", error_status=404,
          error_message="Products does not know product SOFA-3"), None, Step.BY_HAND,
     "Order 7 needs product SOFA-3, which Products does not know.",
     "Для заказа 7 нужен товар SOFA-3, которого нет в «Продуктах»."),
    (Case(operation="shipping", kind="http", error_status=400), {"type": "http_request"}, Step.CORRECT,
     "Order 7 was refused: its data, such as the address, are not valid.",
     "Заказ 7 не приняли: в данных ошибка, например в адресе."),
    (Case(operation="shipping", kind="http", error_status=503), {"type": "http_request"}, Step.RETRY,
     "Order 7 waits: a service that it needs does not answer.", "Заказ 7 ждёт: нужная ему служба не отвечает."),
    (Case(source="inventory", operation="reserve", kind="message", error_type="NotEnough"), None, Step.BY_HAND,
     "There are not enough goods in stock for order 7.", "Для заказа 7 не хватает товара на складе."),
    (Case(operation="orders.status", kind="message", error_type="expired"), MESSAGE, Step.RETRY,
     "Nobody took the message about order 7 from orders.status in time.",
     "Сообщение о заказе 7 никто вовремя не забрал из очереди orders.status."),
    (Case(operation="orders.status", kind="message", error_type="rejected", order_id=None), MESSAGE, Step.LOOK,
     "A message on orders.status could not be read.", "Сообщение в очереди orders.status не удалось прочитать."),
    (Case(operation="failures.intake", kind="message", error_type="Malformed", order_id=None), None, Step.BY_HAND,
     "A message to this desk (failures.intake) could not be read.",
     "Сообщение для бюро (failures.intake) не удалось прочитать."),
    (Case(operation="something.new", error_type="Odd", error_message="odd", order_id=None), None, Step.BY_HAND,
     "orders reported trouble (something.new).", "orders сообщает о сбое (something.new)."),
]


@pytest.mark.parametrize("case, remedy, step, english, russian", CASES)
def test_each_kind_has_its_sentence_and_its_first_step(
    say: Say, case: Case, remedy: dict[str, Any] | None, step: Step, english: str, russian: str
) -> None:
    assert say("en", case, remedy) == english
    assert say("ru", case, remedy) == russian
    assert words.step(case, remedy) is step


def test_hostile_values_stay_values(say: Say) -> None:
    odd = "%(order)s %s <b> {x}"
    assert odd in say("ru", Case(order_id=odd), STOCK)


def test_every_state_has_a_word_a_colour_and_an_icon() -> None:
    from app.assets import ICONS
    from app.domain.status import Status
    from app.remedies import Outcome

    assert set(words.STATUSES) == set(Status) and set(words.OUTCOMES) == set(Outcome)
    looks = [*words.STATUSES.values(), *words.EVENTS.values(), *words.PREVIEWS.values(), *words.BREAKERS.values(),
             *words.BULK_STATUSES.values(), *words.BULK_OUTCOMES.values(), words.WOULD_SEND]
    assert all(look.icon in ICONS and look.color for look in looks)
