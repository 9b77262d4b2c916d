"""The circuit breaker towards Shipping."""

import pytest
from pybreaker import CircuitBreakerError

from storage import create_missing
from stubs.inventory import breaker as module
from stubs.inventory.asking import ShippingAway
from stubs.inventory.breaker import Breaker


@pytest.fixture
def store(shop):
    store = shop.store("inventory")
    create_missing(store, module.metadata)
    return store


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def breaker(store, now):
    return Breaker(store, 1.0, lambda: now[0])


def away():
    raise ShippingAway("503")


def fail(breaker, times):
    for _ in range(times):
        with pytest.raises(ShippingAway):
            breaker.call(away)


def test_c4_it_opens_at_the_fifth_error_in_a_row(breaker):
    fail(breaker, 4)
    assert not breaker.is_open
    with pytest.raises(CircuitBreakerError):
        breaker.call(away)
    assert breaker.is_open


def test_a_success_between_counts_from_the_start_again(breaker):
    fail(breaker, 4)
    assert breaker.call(lambda: "yes") == "yes"
    fail(breaker, 4)
    assert not breaker.is_open


def test_c4_it_opens_after_30_seconds_without_a_success(breaker, now):
    fail(breaker, 1)
    now[0] += 29.9
    fail(breaker, 1)
    now[0] += 0.1
    with pytest.raises(CircuitBreakerError):
        breaker.call(away)
    assert breaker.is_open


def test_while_open_nothing_is_called(breaker):
    fail(breaker, 4)
    for _ in range(3):
        with pytest.raises(CircuitBreakerError):
            breaker.call(away)
    asked = []
    with pytest.raises(CircuitBreakerError):
        breaker.call(lambda: asked.append(1))
    assert asked == []
    assert not breaker.probe_is_due


def test_a_restart_forgets_neither_the_state_nor_the_count_of_probes(store):
    before = Breaker(store, 0.0)
    before._breaker.open()
    assert before.probe(away) is None
    assert before.probe(away) is None
    after = Breaker(store, 1.0)
    assert after.is_open
    assert after.failed_probes == 2
    assert not after.probe_is_due


def test_c5_a_successful_probe_closes_it(store):
    breaker = Breaker(store, 0.0)
    breaker._breaker.open()
    assert breaker.probe_is_due
    breaker.probe(away)
    assert breaker.probe(lambda: "yes") == "yes"
    assert not breaker.is_open
    assert breaker.failed_probes == 0
    assert Breaker(store, 1.0).call(lambda: "yes") == "yes"


def test_a_restart_during_a_probe_probes_again(store):
    breaker = Breaker(store, 1.0)
    breaker._breaker.open()
    breaker._breaker.half_open()
    assert Breaker(store, 1.0).probe_is_due
