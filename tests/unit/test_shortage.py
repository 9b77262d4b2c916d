"""What to take when not all of it is there."""

from app.domain.shortage import is_short, what_is_there


def test_lines_of_one_thing_share_its_stock() -> None:
    assert what_is_there([("leg", 4), ("top", 1), ("leg", 4)], {"leg": 6, "top": 9}) == [4, 1, 2]


def test_what_the_stock_does_not_know_is_not_there() -> None:
    assert what_is_there([("leg", 4), ("top", 1)], {"leg": None}) == [0, 0]


def test_it_is_short_only_where_the_stock_is_known() -> None:
    assert is_short([("leg", 4)], {"leg": 3}) and is_short([("leg", 4)], {"leg": None})
    assert not is_short([("leg", 4)], {}) and not is_short([("leg", 4)], {"leg": 4})
