"""A lost order finds the one that it may be."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.matching import Order, likeness, near_misses, stands_out

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lost", "found", "why"),
    [
        ("536365", "536356", "two neighbouring characters of the order id are swapped"),
        ("53636", "536365", "the order id lacks one character"),
        ("5363655", "536365", "the order id has one character too many"),
        ("536366", "536365", "one character of the order id differs"),
        ("ord-536365", "ORD536365", "the same order id, written differently"),
        ("536365 ", "536365", "the same order id, written differently"),
        ("536365", "536365", "the same order id"),
    ],
)
def test_each_slip_is_spelled_out_and_named(lost: str, found: str, why: str) -> None:
    assert found in near_misses(lost) or why.endswith("differently")
    assert likeness(Order(lost), Order(found)).why == (why,)


def test_more_evidence_scores_higher_and_never_above_one() -> None:
    lost = Order("536365", "17850", 139.5, frozenset({"P1"}), NOW)
    by_id = likeness(lost, Order("536356"))
    by_client = likeness(lost, Order("9", "17850"))
    by_both = likeness(lost, Order("536356", "17850"))
    by_all = likeness(lost, Order("536356", "17850", 139.50, frozenset({"P1"}), NOW + timedelta(minutes=5)))
    assert 0 < by_client.score < by_id.score < by_both.score < by_all.score < 1
    assert by_all.why[1:] == ("the same client", "the same amount", "the same products", "created within the hour")


def test_strangers_have_nothing_in_common() -> None:
    stranger = likeness(Order("536365", "1", 5.0, frozenset({"a"}), NOW),
                        Order("999999", "2", 6.0, frozenset({"b"}), NOW - timedelta(days=3)))
    assert (stranger.score, stranger.why) == (0, ())


def test_what_is_unknown_is_no_evidence() -> None:
    assert likeness(Order(None), Order("536365", "17850", 1.0, frozenset({"a"}), NOW)).score == 0


def test_near_misses_stay_few() -> None:
    assert len(near_misses("536365")) < 200
    assert len(near_misses("x" * 41)) < 10
    assert "" not in near_misses("x")


def test_one_order_is_proposed_first_only_when_it_leaves_the_others_clearly_behind() -> None:
    assert stands_out([0.9]) and stands_out([0.9, 0.6])
    assert not stands_out([0.9, 0.87]) and not stands_out([0.5]) and not stands_out([])
