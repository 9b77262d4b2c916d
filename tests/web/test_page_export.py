"""GET /failures.csv: what a list shows, for a spreadsheet, and nothing that it would run."""

import csv
import io

from flask.testing import FlaskClient
from pytest import MonkeyPatch

from app.desk import Desk
from app.ids import new_id
from app.routes.pages import export
from tests.factories import make_failure


def table(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_list_is_exported_whole_whatever_its_pages(
    operator: FlaskClient, desk: Desk, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PART", 2)
    made = [make_failure(desk, id=new_id(), status="review") for _ in range(5)]
    make_failure(desk, id=new_id(), status="resolved")
    rows = table(operator, "/failures.csv?status=review")
    assert sorted(row["id"] for row in rows) == sorted(made)
    assert {row["status"] for row in rows} == {"review"}


def test_a_list_that_is_too_long_says_that_it_is_cut(
    operator: FlaskClient, desk: Desk, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PART", 2)
    monkeypatch.setattr(export, "MOST", 4)
    for _ in range(5):
        make_failure(desk, id=new_id(), status="review")
    rows = table(operator, "/failures.csv")
    assert len(rows) == 5 and "narrow the filter" in rows[-1]["id"]


def test_nothing_in_it_is_a_formula(operator: FlaskClient, desk: Desk) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://example.org";"x")', "a\n=1", "ok, \"well\""]
    for text in hostile:
        make_failure(desk, id=new_id(), status="review", order_id=text, error_message=text)
    found = {row["order_id"] for row in table(operator, "/failures.csv")}
    assert found == {text if text[0] in "ao" else f"'{text}" for text in hostile}


def test_secrets_are_masked_in_it(operator: FlaskClient, desk: Desk) -> None:
    make_failure(desk, status="review", error_message="Authorization: Bearer abcdefghijklmnop")
    assert "abcdefghijklmnop" not in operator.get("/failures.csv").text


def test_a_filter_that_cannot_be_read_is_a_422_page(operator: FlaskClient) -> None:
    assert operator.get("/failures.csv?status=nonsense").status_code == 422
