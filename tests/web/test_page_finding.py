"""Finding one among many: filters as chips, saved views, suggestions, a file of the groups."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.clock import utcnow
from app.desk import Desk
from app.ids import new_id
from app.queries.filters import FailureFilter
from app.services import views
from tests.factories import make_failure
from tests.web.people import post, token

ENGLISH = {"Accept-Language": "en"}
POLL = {"HX-Request": "true", **ENGLISH}


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **({"status": "review"} | columns))


def ids(page: str) -> list[str]:
    return re.findall(r'<tr id="f-([0-9a-f-]{36})"', page)


def chips(client: FlaskClient, address: str) -> dict[str, str]:
    """Return each chip's words and where it leads."""
    page = client.get(address, headers=ENGLISH).text
    found = re.findall(r'<a class="desk-chip" href="([^"]+)"[^>]*>([^<]+?)\s*<', page)
    return {unescape(text): unescape(href) for href, text in found}


def test_a_list_is_narrowed_by_age_and_by_when_it_must_be_shipped(operator: FlaskClient, desk: Desk) -> None:
    now = utcnow()
    old = make(desk, created_at=now - timedelta(hours=5))
    soon = make(desk, created_at=now, ship_by=now + timedelta(minutes=40))
    late = make(desk, created_at=now, ship_by=now - timedelta(minutes=40))
    make(desk, created_at=now, ship_by=now + timedelta(hours=9))
    make(desk, created_at=now, ship_by=now - timedelta(hours=1), status="resolved")
    for page in ("/review", "/failures"):
        assert ids(operator.get(f"{page}?olderThanMinutes=60").text) == [old]
        assert sorted(ids(operator.get(f"{page}?dueWithinMinutes=60").text)) == sorted([soon, late])
        assert ids(operator.get(f"{page}?overdue=true").text) == [late]
    assert operator.get("/failures?olderThanMinutes=0").status_code == 422


def test_the_api_takes_and_documents_the_same_filters(operator: FlaskClient, desk: Desk, client, admin) -> None:
    old = make(desk, created_at=utcnow() - timedelta(hours=5))
    make(desk, created_at=utcnow())
    found = client.get("/api/v1/failures?olderThanMinutes=60", headers=admin).json["items"]
    assert [item["id"] for item in found] == [old]
    documented = client.get("/api/openapi.json").json["paths"]["/api/v1/failures"]["get"]["parameters"]
    assert {"olderThanMinutes", "dueWithinMinutes", "putRightSince"} <= {one["name"] for one in documented}
    dry = {"action": "resolve", "reason": "x", "dryRun": True, "filter": {"olderThanMinutes": 60}}
    assert client.post("/api/v1/bulk", json=dry, headers=admin).json["total"] == 1


def test_each_filter_is_a_chip_that_takes_itself_away(operator: FlaskClient, desk: Desk) -> None:
    address = "/failures?source=orders&status=review&olderThanMinutes=60&q=5363&assignee=operator&cursor="
    found = chips(operator, address)
    assert list(found) == ["Source: orders", "State: Needs a person", "Older than 60 minutes", "Search: 5363", "Mine"]
    assert found["Source: orders"] == "/failures?status=review&olderThanMinutes=60&q=5363&assignee=operator"
    assert chips(operator, "/failures?overdue=true") == {"Overdue": "/failures"}
    assert chips(operator, "/review?overdue=true") == {}  # its button says it already
    assert chips(operator, "/failures") == {}


def test_a_filter_of_every_name_is_told_in_words(operator: FlaskClient, desk: Desk) -> None:
    given = {
        "status": "sent", "source": "a", "operation": "b", "kind": "http", "orderId": "1", "group": "x",
        "assignee": "anna", "unassigned": "true", "overdue": "true", "dueWithinMinutes": "30", "olderThanMinutes": "15",
        "putRightSince": "2026-11-22", "queue": "q", "q": "text", "since": "2026-11-20", "until": "2026-11-21",
        "failedIn": "x", "backIn": "x", "notIn": "x",
    }
    assert given.keys() == FailureFilter.model_fields.keys()
    for name, value in given.items():
        assert len(chips(operator, f"/failures?{name}={value}")) == 1, name


def test_a_view_is_saved_shown_renamed_and_removed(operator: FlaskClient, desk: Desk) -> None:
    narrowed = {"filter.source": "orders", "filter.overdue": "true"}
    answer = post(operator, "/review", "/views", name="Urgent <b>", list="review", **narrowed)
    assert (answer.status_code, answer.location) == (303, "/review?source=orders&overdue=true")
    page = operator.get("/failures", headers=ENGLISH).text
    assert 'href="/review?source=orders&amp;overdue=true"' in page and "Urgent &lt;b&gt;" in page
    mine = operator.get("/views", headers=ENGLISH).text
    assert "Source: orders · Overdue" in mine
    number = re.search(r'action="/views/(\d+)/rename"', mine)
    assert number
    assert post(operator, "/views", f"/views/{number[1]}/rename", name="Later").status_code == 303
    assert "Later" in operator.get("/views").text
    assert post(operator, "/views", f"/views/{number[1]}/delete").status_code == 303
    assert "Later" not in operator.get("/failures").text
    assert post(operator, "/views", f"/views/{number[1]}/delete").status_code == 404


def test_a_view_that_cannot_be_kept_says_why_and_keeps_what_was_typed(operator: FlaskClient, desk: Desk) -> None:
    for name, words in (("", "needs a name"), ("x" * 61, "needs a name")):
        answer = operator.post("/views", headers=ENGLISH, data={
            "csrf_token": token(operator.get("/review")), "name": name, "list": "review", "filter.source": "orders"})
        assert answer.status_code == 422 and words in answer.text and f'value="{name}"' in answer.text
        assert 'name="filter.source" value="orders"' in answer.text
    assert post(operator, "/review", "/views", name="x", list="review").status_code == 422
    assert operator.post("/views", data={"name": "x"}).status_code == 400  # without the token


def test_views_are_their_owners_alone(operator: FlaskClient, administrator: FlaskClient, desk: Desk) -> None:
    post(operator, "/review", "/views", name="Urgent", list="review", **{"filter.source": "orders"})
    assert "Urgent" not in administrator.get("/review").text
    number = re.search(r'action="/views/(\d+)/delete"', operator.get("/views").text)
    assert number
    assert post(administrator, "/views", f"/views/{number[1]}/delete").status_code == 404
    assert views.MOST <= 50


def test_suggestions_lead_to_what_was_meant(operator: FlaskClient, desk: Desk) -> None:
    failure = make(desk, order_id="536365/б", client_id="17850", error_type="X", error_message="cannot reach the shelf")
    found = operator.get("/search?q=536365/б", headers=POLL).text
    assert 'href="/orders/536365%2F%D0%B1"' in found and "/failures?orderId=536365" in found
    assert 'href="/failures?q=17850"' in operator.get("/search?q=178", headers=POLL).text
    assert re.search(r'href="/groups/[0-9a-f-]{36}"', operator.get("/search?q=the+shelf", headers=POLL).text)
    assert f'href="/failures/{failure}"' in operator.get(f"/search?q={failure}", headers=POLL).text
    assert operator.get("/search?q=5", headers=POLL).text.strip() == ""
    assert "<html" not in found and 'role="option"' in found


def test_a_search_without_a_script_is_a_list(operator: FlaskClient, desk: Desk) -> None:
    answer = operator.get("/search?q=a+b")
    assert (answer.status_code, answer.location) == (303, "/failures?q=a+b")


def test_groups_are_exported_and_nothing_in_the_file_is_a_formula(operator: FlaskClient, desk: Desk) -> None:
    make(desk, source="=1+1")
    make(desk, status="resolved", source="orders")
    rows = list(csv.DictReader(io.StringIO(operator.get("/groups.csv").data.decode("utf-8-sig"))))
    assert {(row["source"], row["count"]) for row in rows} == {("'=1+1", "1"), ("orders", "1")}
    assert set(rows[0]) >= {"title", "open", "first_seen", "last_seen"}


@pytest.mark.parametrize("zone, told", [("Asia/Yekaterinburg", "2:00"), ("../../etc/passwd", "9:00"), ("", "9:00")])
def test_times_are_told_in_the_readers_zone(operator: FlaskClient, desk: Desk, zone: str, told: str) -> None:
    make(desk)  # at 09:00 in UTC
    operator.set_cookie("zone", zone)
    (written,) = re.findall(r'cell-since"[^>]*><time[^>]*>([^<]+)<', operator.get("/review", headers=ENGLISH).text)
    assert told in written and ("UTC" in written) == (told == "9:00")


def test_without_a_script_the_zone_is_chosen(operator: FlaskClient, desk: Desk) -> None:
    make(desk)
    assert '<option>Europe/Moscow' in operator.get("/account").text
    post(operator, "/account", "/preferences", zone="Europe/Moscow", next="/account")
    assert "12:00" in operator.get("/review", headers=ENGLISH).text
    assert "<option selected>Europe/Moscow" in operator.get("/account").text
