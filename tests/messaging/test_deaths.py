"""`x-death` is read tolerantly, since anybody can write headers, and written as RabbitMQ does."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from messaging import newest_death, without_death
from messaging.deaths import with_death

AT = datetime(2026, 11, 22, 1, 2, 3, 456, tzinfo=UTC)
GOOD = {"reason": "rejected", "queue": "work", "count": 1, "time": AT}


@pytest.mark.parametrize("entries", [
    None, "rejected", 7, {}, GOOD, [], [None], ["rejected"], [[GOOD]], [{}],
    [{**GOOD, "reason": None}], [{**GOOD, "reason": 5}], [{**GOOD, "reason": ["rejected"]}],
    [{**GOOD, "queue": None}], [{**GOOD, "queue": {"name": "work"}}],
    [{**GOOD, "count": "1"}], [{**GOOD, "count": True}], [{**GOOD, "count": None}], [{**GOOD, "count": 1.5}],
    [{**GOOD, "count": 10**5000}],
])
def test_what_no_broker_writes_is_no_death(entries: Any) -> None:
    assert newest_death({"x-death": entries}) is None


def test_without_the_header_there_is_no_death() -> None:
    assert newest_death({"x-first-death-queue": "work"}) is None


@pytest.mark.parametrize(("written", "read"), [
    (AT, AT),
    (AT.replace(tzinfo=None), AT),
    (AT.astimezone(timezone(timedelta(hours=3))), AT),
    ("2026-11-22T01:02:03.000456Z", AT),
    ("2026-11-22T04:02:03.000456+03:00", AT),
    ("yesterday", None),
    (1764000000, None),
    (None, None),
    (["2026-11-22T01:02:03Z"], None),
    ("0001-01-01T00:00:00+23:00", None),
])
def test_the_time_of_a_death_is_read_where_it_is_one(written: Any, read: datetime | None) -> None:
    death = newest_death({"x-death": [{**GOOD, "time": written}]})
    assert death
    assert death.time == read


def test_the_first_entry_is_the_newest() -> None:
    older = {**GOOD, "reason": "expired"}
    death = newest_death({"x-death": [GOOD, older]})
    assert death
    assert death.reason == "rejected"


def test_a_message_is_sent_again_without_what_brokers_wrote_and_with_all_else() -> None:
    dead = with_death({"own": 1, "x-failure-id": "f"}, "work", "rejected", AT)
    by_brokers = {"x-delivery-count": 3, "x-last-death-queue": "work", "x-last-death-reason": "expired"}
    assert without_death({**dead, **by_brokers}) == {"own": 1, "x-failure-id": "f"}


def test_a_repeated_death_keeps_its_first_time_and_comes_to_the_front() -> None:
    headers = with_death({}, "work", "rejected", AT)
    headers = with_death(headers, "work", "expired", AT + timedelta(seconds=1))
    headers = with_death(headers, "work", "rejected", AT + timedelta(seconds=2))
    assert [(entry["reason"], entry["count"], entry["time"]) for entry in headers["x-death"]] == [
        ("rejected", 2, "2026-11-22T01:02:03.000456Z"), ("expired", 1, "2026-11-22T01:02:04.000456Z")]
    assert headers["x-first-death-reason"] == "rejected"


@pytest.mark.parametrize("forged", ["text", 5, None, {"a": 1}, ["text", 7], [{"queue": "work"}],
                                    [{"queue": "work", "reason": "rejected", "count": "many"}],
                                    [{"queue": "work", "reason": "rejected", "count": 10**4300 - 1}]])
def test_a_forged_header_does_not_stop_a_death_from_being_written(forged: Any) -> None:
    death = newest_death(with_death({"x-death": forged}, "work", "rejected", AT))
    assert death
    assert (death.reason, death.queue, death.count) == ("rejected", "work", 1)
