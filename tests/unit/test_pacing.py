"""A stored moment holds a rate."""

from datetime import UTC, datetime, timedelta

from app.domain.pacing import book, slots

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def count(per_second: float, seconds: float, tick: float, start: datetime = NOW) -> int:
    booked, free, now = 0, start, NOW
    while now < NOW + timedelta(seconds=seconds):
        while (then := book(free, now, per_second)) is not None:
            free, booked = then, booked + 1
        now += timedelta(seconds=tick)
    return booked


def test_the_rate_holds_whatever_the_ticks() -> None:
    for tick in (0.01, 0.1, 0.25):
        assert 95 <= count(10, 10, tick) <= 101


def test_a_slow_rate_waits() -> None:
    assert count(0.5, 10, 0.25) == 5


def test_a_long_pause_is_not_made_up_for() -> None:
    assert count(10, 0.001, 1, NOW - timedelta(hours=1)) == 4


def test_many_at_once_are_paid_for_afterwards() -> None:
    free = book(NOW, NOW, 10, 100)
    assert free == NOW + timedelta(seconds=10)
    assert book(free, NOW + timedelta(seconds=9), 10) is None
    assert book(free, NOW + timedelta(seconds=10), 10) is not None


def test_slots_say_how_often_it_can_be_booked() -> None:
    for late in (0, 0.05, 0.1, 0.25, 60):
        free, number = NOW - timedelta(seconds=late), 0
        while (then := book(free, NOW, 10)) is not None:
            free, number = then, number + 1
        assert slots(NOW - timedelta(seconds=late), NOW, 10) == number
    assert slots(NOW + timedelta(seconds=1), NOW, 10) == 0
