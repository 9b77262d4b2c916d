"""DLO_INTAKE_RATE: reports per second and token."""

import pytest

from tests import factories
from tests.conftest import SERVICE_TOKENS, bearer

URL = "/api/v1/failures"


@pytest.fixture
def environment(environment) -> dict[str, str]:
    return environment | {"DLO_INTAKE_RATE": "5"}


@pytest.fixture
def report(client, warehouse):
    sent = iter(range(1000))

    def post(headers: dict[str, str] = warehouse, **changes: object):
        return client.post(URL, json=factories.report(**changes),
                           headers=headers | {"Idempotency-Key": f"k-{next(sent)}"})

    return post


def test_who_is_faster_gets_429_and_is_told_when_to_come_again(report, clock) -> None:
    statuses = [report().status_code for _ in range(10)]
    assert statuses == [202] * 6 + [429] * 4
    refused = report()
    assert (refused.mimetype, refused.headers["Retry-After"]) == ("application/problem+json", "1")
    clock.advance(1)
    assert report().status_code == 202


def test_the_steady_rate_is_never_refused(report, clock) -> None:
    for _ in range(30):
        assert report().status_code == 202
        clock.advance(0.2)


def test_tokens_do_not_pay_for_each_other(report) -> None:
    while report().status_code == 202:
        pass
    assert report(bearer(SERVICE_TOKENS["orders"]), source="orders").status_code == 202


def test_a_batch_counts_with_all_its_items(client, warehouse, report, clock) -> None:
    items = [factories.report(idempotencyKey=f"b-{number}") for number in range(50)]
    assert client.post(f"{URL}/batch", json={"failures": items}, headers=warehouse).status_code == 200
    refused = report()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "9")
    clock.advance(9)
    assert report().status_code == 202
