"""POST /bulk and GET /bulk/<id>."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.datastructures import MultiDict

from app.desk import Desk
from app.domain.canary import Canary
from app.ids import new_id
from app.models.bulk import BulkItem, BulkOperation
from app.models.failure import Failure
from app.services import bulk, retrying, returned
from app.services.dead_letters import receive_dead_letters
from tests import deliveries
from tests.factories import STATUS_MESSAGE, make_failure
from tests.fakes import FakeClock
from tests.queries.counting import counted
from tests.web.people import post


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest) -> None:
    for name in {"operator", "administrator"} & set(request.fixturenames):
        request.getfixturevalue(name).environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **columns)


def test_an_act_on_many_is_shown_first_and_done_only_with_a_reason(operator: FlaskClient, desk: Desk) -> None:
    chosen, other = make(desk, status="review"), make(desk, status="review")
    look = post(operator, "/review", "/bulk", action="resolve", scope="ids", ids=chosen)
    assert look.status_code == 200 and f'name="ids" value="{chosen}"' in look.text
    unreasoned = post(operator, "/review", "/bulk", action="resolve", scope="ids", ids=chosen, sure="1", reason=" ")
    assert unreasoned.status_code == 422
    begun = post(operator, "/review", "/bulk", action="resolve", scope="ids", ids=chosen, sure="1", reason="counted")
    assert begun.status_code == 303 and begun.location.startswith("/bulk/")
    while bulk.run_some(desk):
        pass
    page = operator.get(begun.location).text
    assert "counted" in page and chosen in page
    with desk.store.read() as session:
        assert [session.get_one(Failure, key).status for key in (chosen, other)] == ["resolved", "review"]


@pytest.mark.parametrize("sure", ["", "1"])
def test_whoever_selected_nothing_is_told_so_in_words_and_led_back(
    administrator: FlaskClient, desk: Desk, sure: str
) -> None:
    queue = "/queues/orders.status.dlq"
    for page, path, more in (("/review", "/bulk", {"action": "retry"}), (queue, f"{queue}/replay", {})):
        answer = post(administrator, page, path, scope="ids", sure=sure, **more)
        assert answer.status_code == 422 and "Nothing is selected" in answer.text and "validation" not in answer.text
        assert f'href="{page}"' in answer.text


def test_all_that_match_the_list_are_meant_by_its_filter(operator: FlaskClient, desk: Desk) -> None:
    make(desk, status="review", source="orders")
    make(desk, status="review", source="orders")
    make(desk, status="review")
    page = operator.get("/review?source=orders").text
    assert 'name="filter.source" value="orders"' in page and 'name="filter.status" value="review"' in page
    look = operator.post("/bulk", data=MultiDict([
        ("csrf_token", re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]), ("action", "discard"),
        ("scope", "filter"), ("filter.source", "orders"), ("filter.status", "review")]))
    assert "2 failures" in look.text


def test_what_comes_in_while_a_person_decides_is_not_among_all_that_match(
    operator: FlaskClient, desk: Desk, clock: FakeClock
) -> None:
    seen = make(desk, status="review", created_at=clock())
    clock.advance(60)
    chosen = {"action": "discard", "scope": "filter", "filter.status": "review"}
    looked = post(operator, "/review", "/bulk", **chosen)
    until = re.search(r'name="filter.until" value="([^"]+)"', looked.text)
    assert until
    clock.advance(60)
    later = make(desk, status="review", created_at=clock())
    post(operator, "/review", "/bulk", **chosen, **{"filter.until": until[1]}, sure="1", reason="why")
    while bulk.run_some(desk):
        pass
    with desk.store.read() as session:
        assert session.get_one(Failure, seen).status == "discarded"
        assert session.get_one(Failure, later).status == "review"


def test_the_plan_tells_what_how_many_and_where_to_begin(operator: FlaskClient, desk: Desk) -> None:
    make(desk, status="review", remedy=STATUS_MESSAGE, order_id="1001")
    make(desk, status="resolved", remedy=STATUS_MESSAGE, order_id="1002")
    plan = post(operator, "/failures", "/bulk", action="retry", scope="filter").text
    assert "Try again: 2 failures" in plan and "Do it with all 2" in plan and "1001" in plan
    assert "Waiting for retry" in plan and "is skipped" in plan
    assert 'name="steps" value="1, 5"' in plan and 'name="stopAbove"' in plan and 'name="rate"' in plan


@pytest.mark.parametrize(("field", "typed", "words"), [
    ("steps", "one, two", "The first ones must be"), ("steps", "0", "The first ones must be"),
    ("steps", "", "The first ones must be"), ("stopAbove", "101", "The stop line must be"),
    ("stopAbove", "some", "The stop line must be"), ("rate", "-1", "The speed must be"), ("reason", " ", "Say why"),
])
def test_what_is_typed_wrong_is_told_in_words_and_kept(
    operator: FlaskClient, desk: Desk, field: str, typed: str, words: str
) -> None:
    chosen = make(desk, status="review", remedy=STATUS_MESSAGE)
    form = {"action": "retry", "scope": "ids", "ids": chosen, "sure": "1", "careful": "1", "steps": "1, 5",
            "stopAbove": "20", "rate": "2", "reason": "kept words"}
    answer = post(operator, "/review", "/bulk", **form | {field: typed})
    assert answer.status_code == 422 and words in answer.text
    assert field == "reason" or "kept words" in answer.text
    assert f'value="{typed}"' in answer.text or field == "reason"


def test_steps_stop_line_and_rate_are_taken_as_they_were_typed(operator: FlaskClient, desk: Desk) -> None:
    form = {"action": "retry", "scope": "ids", "ids": make(desk, status="review", remedy=STATUS_MESSAGE), "sure": "1"}
    how = {"careful": "1", "steps": "2, 3 4", "stopAbove": "12.5", "rate": "0.5", "reason": "why"}
    bulk_id = post(operator, "/review", "/bulk", **form, **how).location.removeprefix("/bulk/")
    with desk.store.read() as session:
        operation = session.get_one(BulkOperation, bulk_id)
    assert operation.first_ones == Canary((2, 3, 4), 0.125) and operation.rate_per_second == 0.5


def test_only_those_that_failed_and_those_that_came_in_since_are_a_click_away(
    operator: FlaskClient, desk: Desk
) -> None:
    failed, worked = (make(desk, status="review", remedy=STATUS_MESSAGE) for _ in range(2))
    form = {"action": "retry", "scope": "filter", "filter.status": "review", "sure": "1", "reason": "why"}
    address = post(operator, "/review", "/bulk", **form).location
    with desk.store.write() as session:
        session.execute(update(BulkItem).values(outcome="succeeded"))
        session.execute(update(BulkItem).where(BulkItem.failure_id == failed).values(outcome="failed", detail="no"))
        session.execute(update(BulkOperation).values(status="done"))
        session.execute(update(Failure).where(Failure.id == worked).values(status="sent"))
    late = make(desk, status="review", remedy=STATUS_MESSAGE)
    page = operator.get(address).text
    assert "Try again only the 1 that failed" in page and "1 more match since" in page
    bulk_id = address.removeprefix("/bulk/")
    assert f'href="/failures?failedIn={bulk_id}"' in page
    listed = operator.get(f"/failures?failedIn={bulk_id}").text
    assert f"f-{failed}" in listed and f"f-{worked}" not in listed and "Failed in an act on many" in listed
    for name, meant in (("failed", failed), ("arrived", late)):
        plan = operator.post("/bulk", data=form_of(page, name)).text
        assert "1 failure" in plan and f"/failures/{meant}" in plan


def form_of(page: str, name: str) -> dict[str, str]:
    """Read the fields of one form of a page."""
    [form] = re.findall(rf'(?s)<form id="{name}".*?</form>', page)
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))


def test_it_is_paused_resumed_and_cancelled(operator: FlaskClient, desk: Desk) -> None:
    begun = post(operator, "/review", "/bulk", action="discard", scope="ids", ids=make(desk, status="review"),
                 sure="1", reason="why").location
    for act, words in (("pause", "Paused"), ("resume", "Running"), ("cancel", "Cancelled")):
        assert post(operator, begun, f"{begun}/{act}").status_code == 303
        assert words in operator.get(begun).text
    assert post(operator, begun, f"{begun}/pause").status_code == 303
    assert "Nothing was changed: it is “Cancelled” by now." in operator.get(begun).text


def test_what_was_begun_is_found_again_in_a_list_and_leads_back(operator: FlaskClient, desk: Desk) -> None:
    assert "Nothing was done with many yet" in operator.get("/bulk").text
    form = {"action": "discard", "scope": "ids", "sure": "1"}
    begun = [post(operator, "/review", "/bulk", **form, ids=make(desk, status="review"), reason=why).location
             for why in ("counted twice", "counted once")]
    page = operator.get("/bulk").text
    assert page.index(begun[1]) < page.index(begun[0]) and "counted twice" in page
    assert 'href="/bulk"' in operator.get(begun[0]).text
    with counted(desk) as few:
        operator.get("/bulk", headers={"HX-Request": "true"})
    post(operator, "/review", "/bulk", **form, ids=make(desk, status="review"), reason="more")
    with counted(desk) as more:
        operator.get("/bulk", headers={"HX-Request": "true"})
    assert len(few) == len(more)


def test_a_replay_cannot_be_smuggled_in_as_an_act_on_many(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, status="review", remedy=STATUS_MESSAGE)
    chosen = {"scope": "ids", "ids": failure, "sure": "1", "reason": "x", "toQueue": "inventory.order-created"}
    assert post(operator, "/review", "/bulk", action="replay", **chosen).status_code == 422
    assert post(operator, "/review", "/queues/orders.status.dlq/replay", **chosen).status_code == 403
    with desk.store.read() as session:
        assert session.query(BulkOperation).count() == 0


def replayed(administrator: FlaskClient, desk: Desk, number: int) -> tuple[str, list[str]]:
    """Send messages again from their queue, all of them; return the operation's address and the failures."""
    queue = "orders.status.dlq"
    letters = [make(desk, remedy=STATUS_MESSAGE, kind="message", operation="orders.status", queue=queue,
                    status="review", via="dlq") for _ in range(number)]
    address = post(administrator, f"/queues/{queue}", f"/queues/{queue}/replay", scope="filter", sure="1",
                   reason="why").location
    while bulk.run_some(desk):
        pass
    while retrying.work(desk, "orders.status", "worker"):
        pass
    while bulk.run_some(desk):
        pass
    return address, letters


def test_messages_that_came_back_are_told_and_lead_to_their_list(administrator: FlaskClient, desk: Desk) -> None:
    address, (refused, waiting) = replayed(administrator, desk, 2)
    assert "came back" not in administrator.get(address).text
    receive_dead_letters(desk, [deliveries.returned(refused, 1, reason="rejected")])
    page = administrator.get(address).text
    assert "Done, but 1 came back" in page and "1 came back and needs a person" in page
    assert "It came back to orders.status.dlq" in item(page, refused) and "Needs a person" in item(page, refused)
    assert "has not confirmed" not in item(page, refused) and "Sent, not confirmed" in item(page, waiting)
    [link] = re.findall(r'href="(/review\?backIn=[^"]+)"', page)
    listed = administrator.get(link).text
    assert f'id="f-{refused}"' in listed and f'id="f-{waiting}"' not in listed


def test_an_item_that_was_confirmed_since_is_shown_as_resolved(administrator: FlaskClient, desk: Desk) -> None:
    address, [letter] = replayed(administrator, desk, 1)
    returned.confirm(desk, letter, attempt=1, source=None, actor="token:orders")
    assert "Resolved" in item(administrator.get(address).text, letter)


def item(page: str, failure_id: str) -> str:
    """Return one item's part of a page."""
    [found] = re.findall(rf'(?s)<a [^>]*id="i-{failure_id}".*?</a>', page)
    return found


def test_done_is_not_said_in_green_where_items_failed_neither_on_its_page_nor_in_the_list(
    operator: FlaskClient, desk: Desk
) -> None:
    failed = [make(desk, status="review", remedy=STATUS_MESSAGE) for _ in range(3)][:2]
    form = {"action": "retry", "scope": "filter", "filter.status": "review", "sure": "1", "reason": "why"}
    address = post(operator, "/review", "/bulk", **form).location
    with desk.store.write() as session:
        session.execute(update(BulkItem).values(outcome="succeeded"))
        session.execute(update(BulkItem).where(BulkItem.failure_id.in_(failed)).values(outcome="failed"))
        session.execute(update(BulkOperation).values(status="done"))
    for page in (operator.get(address).text, operator.get("/bulk").text):
        assert re.search(r'bg-orange-lt">.*1 succeeded, 2 failed', page) and "Done</span>" not in page
    assert '<progress class="is-mixed"' in operator.get(address).text


def test_a_long_operation_is_counted_in_the_list_no_further_than_needed(
    operator: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.bulk.MOST_COUNTED", 2)
    for _ in range(3):
        make(desk, status="review", remedy=STATUS_MESSAGE)
    form = {"action": "retry", "scope": "filter", "filter.status": "review", "sure": "1", "reason": "why"}
    post(operator, "/review", "/bulk", **form)
    with desk.store.write() as session:
        session.execute(update(BulkItem).values(outcome="failed"))
        session.execute(update(BulkOperation).values(status="done"))
    assert "0 succeeded, 2+ failed" in operator.get("/bulk").text
