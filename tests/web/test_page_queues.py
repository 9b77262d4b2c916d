"""GET /queues/<name>: what is stored, what waits, replays and purges."""

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from app.ids import new_id
from app.models.bulk import BulkOperation
from messaging import Message
from tests.factories import STATUS_MESSAGE, make_failure
from tests.fakes import FakeBroker
from tests.web.people import post, token

DEAD = "orders.status.dlq"
QUEUE = f"/queues/{DEAD}"


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest) -> None:
    for name in {"operator", "administrator"} & set(request.fixturenames):
        request.getfixturevalue(name).environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


def make(desk: Desk, **columns: object) -> str:
    stored = {"remedy": STATUS_MESSAGE, "status": "review", "kind": "message", "queue": DEAD, "via": "dlq"}
    return make_failure(desk, id=new_id(), **stored | columns)


def test_a_replay_is_begun_and_steered_by_administrators_only(
    operator: FlaskClient, administrator: FlaskClient, desk: Desk
) -> None:
    failure = make(desk)
    assert f'value="{failure}"' in administrator.get(QUEUE).text
    assert post(administrator, QUEUE, f"{QUEUE}/replay", scope="ids", ids=failure).status_code == 200
    replay = {"scope": "ids", "ids": failure, "sure": "1"}
    assert post(administrator, QUEUE, f"{QUEUE}/replay", **replay, reason=" ").status_code == 422
    begun = post(administrator, QUEUE, f"{QUEUE}/replay", **replay, reason="repaired").location
    assert begun.startswith("/bulk/")
    assert post(operator, "/", f"{begun}/pause").status_code == 403
    assert post(administrator, begun, f"{begun}/cancel").status_code == 303


def test_a_queues_bodies_are_shown_as_text(operator: FlaskClient, desk: Desk) -> None:
    hostile = b'{"orderId": "<script>alert(1)</script>"}'
    for body in (hostile, b"\xff\xfe"):
        make(desk, raw=body)
    page = operator.get(QUEUE).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "ff fe" in page
    assert token(operator.get("/"))


def test_what_cannot_be_seen_in_a_body_or_a_header_is_made_visible(operator: FlaskClient, desk: Desk) -> None:
    make(desk, raw='{"a": "bell\x07 turned\u202e hidden\u200b"}'.encode(), headers={"x-note": "back\u202dwards\x7f"})
    page = operator.get(QUEUE).text
    assert "bell\u2407 turned\\u202e hidden\\u200b" in page
    assert "back\\u202dwards\u2421" in page and "\u202e" not in page


def test_a_long_body_is_cut_so_that_the_page_stays_small(operator: FlaskClient, desk: Desk) -> None:
    make(desk, raw=b'{"a": "' + b"x" * 500_000 + b'"}')
    page = operator.get(QUEUE).text
    assert "…[cut]" in page and len(page) < 40_000


def test_stored_messages_are_narrowed_and_paged_and_all_that_match_are_meant(
    administrator: FlaskClient, desk: Desk
) -> None:
    for order in range(25):
        make(desk, order_id=f"20{order:02}")
    found = make(desk, order_id="3001")
    make(desk, order_id="3002", status="sent")
    first = administrator.get(QUEUE)
    assert "2000" in first.text and "3001" not in first.text and 'rel="next"' in first.text
    assert "Send all 26 that need a person again" in first.text
    assert first.text.count('form="one" name="ids"') == 20  # each by itself
    narrowed = administrator.get(f"{QUEUE}?q=3001").text
    assert "Send all 1 that match again" in narrowed and 'name="filter.q" value="3001"' in narrowed
    plan = post(administrator, QUEUE, f"{QUEUE}/replay", scope="filter", **{"filter.q": "3001"}).text
    assert "Send again: 1 failure" in plan and "1 message goes to orders.status" in plan and found in plan


def test_another_queue_is_shown_before_it_is_confirmed_and_an_unknown_one_is_refused(
    administrator: FlaskClient, desk: Desk
) -> None:
    replay = {"scope": "ids", "ids": make(desk), "toQueue": "inventory.order-created"}
    assert "1 message goes to inventory.order-created" in post(administrator, QUEUE, f"{QUEUE}/replay", **replay).text
    sure = replay | {"sure": "1", "reason": "why"}
    assert post(administrator, QUEUE, f"{QUEUE}/replay", **sure | {"toQueue": "nowhere"}).status_code == 422
    bulk_id = post(administrator, QUEUE, f"{QUEUE}/replay", **sure).location.removeprefix("/bulk/")
    with desk.store.read() as session:
        assert session.get_one(BulkOperation, bulk_id).to_queue == "inventory.order-created"


def test_a_queue_is_emptied_only_by_whoever_writes_its_name(
    administrator: FlaskClient, desk: Desk, broker: FakeBroker
) -> None:
    broker.queues[DEAD].append(Message(b'{"orderId": "4001"}', message_id="m-1"))
    refused = post(administrator, QUEUE, f"{QUEUE}/purge", name="orders.status")
    assert refused.status_code == 422 and "write its name" in refused.text and len(broker.queues[DEAD]) == 1
    assert post(administrator, QUEUE, f"{QUEUE}/purge", name=DEAD).status_code == 303
    assert broker.queues[DEAD] == [] and "4001" in administrator.get(QUEUE).text
