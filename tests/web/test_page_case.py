"""GET /failures/<id>, and every act on it."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from app.models.failure import Failure
from app.services import review
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure, make_order, make_shop
from tests.web.people import post, token


def stored(desk: Desk, failure_id: str) -> Failure:
    with desk.store.read() as session:
        return session.get_one(Failure, failure_id)


def inputs(page: str) -> dict[str, str]:
    """Return every input of the correction form, by name."""
    form = page.split("/correct", 1)[1].split("</form>", 1)[0]
    found = re.findall(r'<input[^>]*name="(remedy:[^"]+)"[^>]*value="([^"]*)"', form)
    return {unescape(name): unescape(value) for name, value in found}


@pytest.mark.usefixtures("people")
def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    assert client.get(f"/failures/{failure}").status_code == 303
    assert client.post(f"/failures/{failure}/retry").status_code == 400


@pytest.mark.parametrize("failure_id", ["nonsense", "019ab000-0000-7000-8000-000000000000"])
def test_an_unknown_id_is_a_404_page(operator: FlaskClient, failure_id: str) -> None:
    answer = operator.get(f"/failures/{failure_id}")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert post(operator, "/", f"/failures/{failure_id}/retry").status_code == 404


def test_it_says_in_plain_words_what_happened(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review", reason="It came without a remedy.")
    page = operator.get(f"/failures/{failure}", headers={"Accept-Language": "en"}).text
    assert "The goods of order 536365 could not be taken from stock." in page
    assert 'href="/orders/536365"' in page


def test_retry_schedules_an_attempt_and_comes_back(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    answer = post(operator, f"/failures/{failure}", f"/failures/{failure}/retry", version="1")
    assert (answer.status_code, answer.location) == (303, f"/failures/{failure}")
    after = stored(desk, failure)
    assert (after.status, after.requested_by) == ("scheduled", "operator")


def test_correct_and_retry_changes_only_what_was_typed(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    page = operator.get(f"/failures/{failure}").text
    fields = inputs(page) | {"remedy:/orderId": "536366"}
    post(operator, f"/failures/{failure}", f"/failures/{failure}/correct", version="1", reason="a digit", **fields)
    assert stored(desk, failure).remedy == ORDER_STATUS | {"orderId": "536366"}


def test_the_order_number_has_a_label_of_its_own(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    page = operator.get(f"/failures/{failure}", headers={"Accept-Language": "en"}).text
    found = re.search(r'<label class="form-label" for="([^"]+)">Order number</label>\s*<input[^>]*id="([^"]+)"', page)
    assert found and found[1] == found[2]


def test_a_locked_field_is_shown_but_never_taken_from_the_browser(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    page = operator.get(f"/failures/{failure}").text
    assert 'value="op-2" readonly' in page
    post(operator, f"/failures/{failure}", f"/failures/{failure}/correct", **{
        "remedy:/operationId": "another", "remedy:/orderId": "536366"})
    assert stored(desk, failure).remedy == ORDER_STATUS | {"orderId": "536366"}


def test_components_are_rows_that_can_be_changed_added_and_taken_out(operator: FlaskClient, desk: Desk) -> None:
    two = [{"componentId": "leg", "quantity": 4}, {"componentId": "top", "quantity": 1}]
    failure = make_failure(desk, remedy=STOCK_DECREMENT | {"components": two}, status="review")
    post(operator, f"/failures/{failure}", f"/failures/{failure}/correct", **{
        "remedy:/components/0/componentId": "leg", "remedy:/components/0/quantity": "3",
        "remedy:/components/1/componentId": "", "remedy:/components/1/quantity": "1",
        "remedy:/components/2/componentId": "screw", "remedy:/components/2/quantity": "8"})
    remedy = stored(desk, failure).remedy
    assert remedy and remedy["components"] == [
        {"componentId": "leg", "quantity": 3}, {"componentId": "screw", "quantity": 8}]


def test_a_value_that_cannot_be_used_is_said_at_its_field_and_kept(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    answer = post(operator, f"/failures/{failure}", f"/failures/{failure}/correct", **{
        "remedy:/components/0/componentId": "leg", "remedy:/components/0/quantity": "many"})
    assert answer.status_code == 422
    assert 'value="many"' in answer.text and "invalid-feedback" in answer.text
    assert stored(desk, failure).status == "review"


def test_the_address_of_a_shipment_can_be_given_where_none_was(operator: FlaskClient, desk: Desk) -> None:
    ship = {"type": "http_request", "target": "inventory", "method": "POST", "path": "/v1/reservations/1/ship"}
    failure = make_failure(desk, remedy=ship, status="review", kind="http", error_status=400)
    assert "remedy:/body/shippingAddress" in operator.get(f"/failures/{failure}").text
    post(operator, f"/failures/{failure}", f"/failures/{failure}/correct", **{
        "remedy:/body/shippingAddress": "Москва, Тверская, 1", "remedy:/path": "/v1/steal"})
    assert stored(desk, failure).remedy == ship | {"body": {"shippingAddress": "Москва, Тверская, 1"}}


def test_a_secret_is_masked_locked_and_still_used(operator: FlaskClient, desk: Desk) -> None:
    call = {"type": "http_request", "target": "inventory", "method": "POST", "path": "/x",
            "body": {"auth": {"password": {"deep": "hunter2-secret"}}, "note": "a"}}
    failure = make_failure(desk, remedy=call, status="review", kind="http")
    assert "hunter2-secret" not in operator.get(f"/failures/{failure}").text
    post(operator, f"/failures/{failure}", f"/failures/{failure}/correct", **{
        "remedy:/body/note": "b", "remedy:/body/auth/password/deep": "guess"})
    remedy = stored(desk, failure).remedy
    assert remedy and remedy["body"] == {"auth": {"password": {"deep": "hunter2-secret"}}, "note": "b"}


def test_a_stale_form_gets_a_409_page_that_says_what_changed_and_keeps_what_was_typed(
    operator: FlaskClient, desk: Desk
) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    page = operator.get(f"/failures/{failure}")
    review.assign(desk, failure, actor="admin", assignee="admin")
    answer = operator.post(f"/failures/{failure}/correct", data={
        "csrf_token": token(page), "version": "1", "seen": "1", "remedy:/orderId": "typed-number",
        "reason": "my words"}, headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert re.search(r"admin\s*· Given to admin", answer.text)
    assert 'value="typed-number"' in answer.text and "my words" in answer.text
    assert 'name="version" value="2"' in answer.text
    assert stored(desk, failure).remedy == ORDER_STATUS


def test_an_act_that_the_state_forbids_is_a_409_page(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="resolved")
    assert post(operator, f"/failures/{failure}", f"/failures/{failure}/retry").status_code == 409


def test_it_is_taken_given_back_and_noted_on(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    page = f"/failures/{failure}"
    post(operator, page, f"{page}/assign", assignee="operator", version="1")
    assert stored(desk, failure).assignee == "operator"
    post(operator, page, f"{page}/comment", text="<b>called</b> the customer")
    assert "&lt;b&gt;called&lt;/b&gt; the customer" in operator.get(page).text
    post(operator, page, f"{page}/assign", assignee="", version="3")
    assert stored(desk, failure).assignee is None


def test_it_is_resolved_reopened_and_discarded_each_with_a_reason(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, status="review")
    page = f"/failures/{failure}"
    refused = post(operator, page, f"{page}/resolve", reason="  ")
    assert refused.status_code == 422 and "Причина: нельзя оставить пустым" in refused.text
    for act, status in (("resolve", "resolved"), ("reopen", "review"), ("discard", "discarded")):
        assert post(operator, page, f"{page}/{act}", reason=f"because of {act}").status_code == 303
        assert stored(desk, failure).status == status
        assert f"because of {act}" in operator.get(page).text


def test_an_act_needs_the_token(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    assert operator.post(f"/failures/{failure}/retry", data={"version": "1"}).status_code == 400
    assert stored(desk, failure).status == "review"


def test_raw_json_is_for_administrators(operator: FlaskClient, administrator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    page = f"/failures/{failure}"
    assert f"{page}/replace" not in operator.get(page).text
    assert post(operator, page, f"{page}/replace", remedy="{}").status_code == 403
    assert f"{page}/replace" in administrator.get(page).text
    assert post(administrator, page, f"{page}/replace", remedy="{").status_code == 422
    written = '{"type": "order_status", "orderId": "9", "from": "reserved", "to": "paid"}'
    assert post(administrator, page, f"{page}/replace", remedy=written, version="1").status_code == 303
    assert stored(desk, failure).remedy == ORDER_STATUS | {"orderId": "9"}


def test_a_poll_gets_state_and_history_only_when_they_changed(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review")
    for part, words in (("state", 'data-version="1"'), ("history", "<li")):
        poll = {"HX-Request": "true", "HX-PTag": "none"}
        first = operator.get(f"/failures/{failure}?part={part}", headers=poll)
        assert first.status_code == 200 and words in first.text and "<form" not in first.text
        poll["HX-PTag"] = first.headers["HX-PTag"]
        again = operator.get(f"/failures/{failure}?part={part}", headers=poll)
        assert (again.status_code, again.data) == (304, b"")
    review.comment(desk, failure, actor="admin", text="new words")
    assert "new words" in operator.get(f"/failures/{failure}?part=history", headers=poll).text


HOSTILE = '<img src=x onerror=alert(1)><button hx-get="/steal" hx-trigger="load">'


def test_hostile_text_is_shown_as_text(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, status="review", error_message=HOSTILE, order_id=HOSTILE[:250], reason=HOSTILE,
                           error_type=HOSTILE[:200], client_id=HOSTILE[:200])
    for page in (f"/failures/{failure}", "/failures", "/review"):
        text = operator.get(page).text
        assert "<img src=x" not in text and "<button hx-get" not in text


def test_the_effect_of_what_was_typed_is_shown_before_anything_is_done(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365")
    failure = make_failure(desk, remedy=ORDER_STATUS | {"orderId": "536356"}, status="review")
    address = f"/failures/{failure}"
    page = operator.get(address, headers={"Accept-Language": "en"})
    assert "Would work now" not in page.text
    typed = inputs(page.text) | {"remedy:/orderId": "536365", "reason": "a slip of the pen", "csrf_token": token(page)}
    looked = operator.post(f"{address}/look", data=typed, headers={"Accept-Language": "en"})
    assert looked.status_code == 200
    assert "Would work now" in looked.text and inputs(looked.text)["remedy:/orderId"] == "536365"
    assert "a slip of the pen" in looked.text and "cannot be done" not in looked.text
    part = operator.post(f"{address}/look", data=typed, headers={"Accept-Language": "en", "HX-Request": "true"})
    assert "Would work now" in part.text and "<form" not in part.text
    after = stored(desk, failure)
    assert (after.status, after.version, after.remedy["orderId"]) == ("review", 1, "536356")


def test_what_is_wrong_with_what_was_typed_is_said_when_looking(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    page = operator.get(f"/failures/{failure}")
    typed = inputs(page.text) | {"remedy:/components/0/quantity": "many", "csrf_token": token(page)}
    looked = operator.post(f"/failures/{failure}/look", data=typed, headers={"HX-Request": "true"})
    assert looked.status_code == 200 and "Количество 1:" in looked.text
