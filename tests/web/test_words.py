"""What people read of a failure, in both languages."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.routes.pages import words
from app.routes.pages.words.steps import Step

STATUS = {"type": "order_status", "orderId": "7", "operationId": "o", "from": "reserved", "to": "paid"}
STOCK = {"type": "stock_decrement", "orderId": "7", "operationId": "o", "components": []}
MESSAGE = {"type": "publish_message", "queue": "orders.status", "body": {}}
PAID = {"type": "publish_message", "queue": "orders.status", "bodyBase64": base64.b64encode(b'{"to": "paid"}').decode()}
RESERVED = MESSAGE | {"body": {"to": "reserved"}}


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
    reason: str | None = None


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
    (Case(source="warehouse", operation="product.lookup", kind="http", error_type="NotFound", error_status=404,
          error_message="Products does not know product SOFA-3"), None, Step.CHOOSE,
     "Order 7 needs product SOFA-3, which Products does not know.",
     "Для заказа 7 нужен товар SOFA-3, которого нет в «Каталоге»."),
    (Case(operation="order.add-product"), {"type": "http_request"}, Step.RETRY,
     "The goods for order 7 left the stock, but the product is not in the order yet.",
     "Товар для заказа 7 списан со склада, но в заказ ещё не добавлен."),
    (Case(source="inventory", operation="shipping.prepare", kind="http", error_type="ShippingRefused", error_status=400,
          error_message="Invalid shipping address"), {"type": "http_request"}, Step.CORRECT,
     "Shipping did not take order 7: its address is not valid.",
     "«Доставка» не приняла заказ 7: адрес указан неверно."),
    (Case(source="inventory", operation="shipping.prepare", kind="http", error_type="ShippingRefused", error_status=400,
          error_message="Invalid order data"), {"type": "http_request"}, Step.CORRECT,
     "Shipping did not take order 7: its data are not valid.", "«Доставка» не приняла заказ 7: в данных ошибка."),
    (Case(source="inventory", operation="shipping.prepare", kind="http", error_type="ShippingUnavailable",
          error_status=503, error_message="Shipping stayed away"), {"type": "http_request"}, Step.RETRY,
     "Order 7 cannot be shipped: Shipping did not answer, however often it was asked.",
     "Заказ 7 не отправить: «Доставка» не ответила, сколько её ни спрашивали."),
    (Case(operation="else", kind="http", error_status=400), {"type": "http_request"}, Step.CORRECT,
     "Order 7 was refused: its data, such as the address, are not valid.",
     "Заказ 7 не приняли: в данных ошибка, например в адресе."),
    (Case(operation="else", kind="http", error_status=503), {"type": "http_request"}, Step.RETRY,
     "Order 7 waits: a service that it needs does not answer.", "Заказ 7 ждёт: нужная ему служба не отвечает."),
    (Case(source="inventory", operation="inventory.reserve", kind="message", error_type="InsufficientStock",
          error_message="order 7: product SOFA-3: 5 needed, 2 available"), MESSAGE, Step.RETRY,
     "Order 7 needs 5 of SOFA-3, but only 2 are in stock.", "Для заказа 7 нужно SOFA-3: 5, а на складе только 2."),
    (Case(source="inventory", operation="reserve", kind="message", error_type="NotEnough"), None, Step.BY_HAND,
     "There are not enough goods in stock for order 7.", "Для заказа 7 не хватает товара на складе."),
    (Case(source="payments", operation="orders.status", kind="message", error_type="expired"), PAID, Step.RETRY,
     "Order 7 was paid, but Orders does not know it yet: nobody took the message in time.",
     "Заказ 7 оплачен, но «Заказы» об этом ещё не знают: сообщение никто вовремя не забрал."),
    (Case(source="inventory", operation="orders.status", kind="message", error_type="expired"), RESERVED, Step.RETRY,
     "Order 7 should become “reserved”, but Orders does not know it yet: nobody took the message in time.",
     "Заказ 7 должен перейти в состояние «зарезервирован», но «Заказы» об этом ещё не знают: сообщение никто вовремя"
     " не забрал."),
    (Case(operation="orders.status", kind="message", error_type="rejected"), MESSAGE, Step.LOOK,
     "Orders did not get the message about order 7: the message could not be read.",
     "«Заказы» не получили сообщение о заказе 7: сообщение не удалось прочитать."),
    (Case(operation="inventory.order-created", kind="message", error_type="rejected"), MESSAGE, Step.LOOK,
     "Order 7 was made, but Inventory has not reserved the goods: the message could not be read.",
     "Заказ 7 оформлен, но «Запасы» не зарезервировали товар: сообщение не удалось прочитать."),
    (Case(operation="inventory.order-created", kind="message", error_type="delivery_limit"), MESSAGE, Step.RETRY,
     "Order 7 was made, but Inventory has not reserved the goods: it failed at every try.",
     "Заказ 7 оформлен, но «Запасы» не зарезервировали товар: каждая попытка закончилась сбоем."),
    (Case(operation="else", kind="message", error_type="maxlen"), MESSAGE, Step.RETRY,
     "The message about order 7 on else came back: the message was refused.",
     "Сообщение о заказе 7 вернулось из очереди else: сообщение не приняли."),
    (Case(operation="orders.status", kind="message", error_type="rejected", order_id=None), MESSAGE, Step.LOOK,
     "A message on orders.status could not be read.", "Сообщение в очереди orders.status не удалось прочитать."),
    (Case(operation="failures.intake", kind="message", error_type="Malformed", order_id=None), None, Step.BY_HAND,
     "A message to this desk (failures.intake) could not be read.",
     "Сообщение для бюро (failures.intake) не удалось прочитать."),
    (Case(operation="something.new", error_type="Odd", error_message="odd", order_id=None), None, Step.BY_HAND,
     "Orders reported trouble (something.new).", "Сообщение о сбое от службы «Заказы» (something.new)."),
]


@pytest.mark.parametrize("case, remedy, step, english, russian", CASES)
def test_each_kind_has_its_sentence_and_its_first_step(
    say: Say, case: Case, remedy: dict[str, Any] | None, step: Step, english: str, russian: str
) -> None:
    assert say("en", case, remedy) == english
    assert say("ru", case, remedy) == russian
    assert words.step(case, remedy) is step


def test_what_would_fail_as_it_is_is_to_be_corrected() -> None:
    assert words.step(Case(), STOCK, would_fail=True) is Step.CORRECT


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


@pytest.mark.parametrize("language, after, expected", [
    ("en", 0, "usually at once"), ("ru", 0, "обычно сразу"),
    ("en", 60, "usually in 1 minute"), ("ru", 60, "обычно через 1 минуту"), ("ru", 120, "обычно через 2 минуты"),
])
def test_how_long_it_took_is_told_as_a_person_would(app: Flask, language: str, after: int, expected: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert words.usually(timedelta(seconds=after)) == expected


@pytest.mark.parametrize("title, expected", [
    ("rejected: Its consumer could not read it and refused it.", "Получатель не смог прочитать и отклонил."),
    ("OperationalError: database is locked", "OperationalError: database is locked"),
])
def test_the_desks_own_sentence_as_a_cause_is_translated(app: Flask, title: str, expected: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "ru"}):
        assert words.cause(title, title.split(":")[0]) == expected


@pytest.mark.parametrize("told, said", [
    ('200: {"orderId": "7", "status": "shipping"}', "It was answered with 200."),
    ('400: {"error": "no such street"}', "It was answered with 400. no such street"),
    ("502: bad gateway", "It was answered with 502. bad gateway"),
])
def test_of_an_answer_only_its_words_are_told(app: Flask, told: str, said: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert words.said(told) == said
        assert words.change("POST /v1/orders/7/products → orders") == "a call to Orders"
