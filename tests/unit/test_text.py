"""Hostile text made storable and showable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import CUT_MARK, clean, clean_value, cut


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""), ("заказ 536365 🪑", "заказ 536365 🪑"), ("a\x00b", "a\ufffdb"), ("\ud800", "\ufffd"),
        ("\udfff\ud800", "\ufffd\ufffd"), ("\r\n\t", "\r\n\t"), ("\u202eright to left", "\u202eright to left"),
    ],
)
def test_only_what_no_database_takes_is_replaced(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_value_is_cleaned_to_its_last_leaf_and_key() -> None:
    assert clean_value({"\x00": ["\ud800", {"a": "b\x00"}], "n": 1, "t": True, "z": None}) == {
        "\ufffd": ["\ufffd", {"a": "b\ufffd"}], "n": 1, "t": True, "z": None,
    }


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_whatever_is_cleaned_can_be_written_as_utf_8_and_holds_no_nul(text: str) -> None:
    assert b"\x00" not in clean(text).encode("utf-8")


@given(st.text(), st.integers(len(CUT_MARK), 50))
def test_a_cut_text_is_never_longer_than_asked_and_says_that_it_was_cut(text: str, length: int) -> None:
    shown = cut(text, length)
    assert len(shown) <= length
    assert shown == text if len(text) <= length else shown.endswith(CUT_MARK)
