"""Which failures are said to have one cause."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.classify import VERSION, fingerprint


def digest(message: str, *, source: str = "warehouse", operation: str = "stock.decrement", kind: str = "db_write",
           error_type: str = "OperationalError") -> str:
    return fingerprint(source, operation, kind, error_type, message).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 536365 is not there", "order 536366 is not there"),
        ("no 017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "no 017f22e2-79b0-7cc3-98c4-dc0c0c073990"),
        ("at 0x7f01aa", "at 0x7f99bb"),
        ("key 'leg' is unknown", "key 'top' is unknown"),
        ("ключ «ножка» не найден", "ключ «крышка» не найден"),
        ("timeout after 3.2 s", "timeout after 10.25 s"),
        ("10.0.0.1:5432 refused", "10.0.0.2:5433 refused"),
        ("too   many\n spaces", "too many spaces"),
        ("A85123 is sold out", "B00001 is sold out"),
    ],
)
def test_numbers_ids_and_quoted_values_do_not_tell_causes_apart(one: str, other: str) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    "changed",
    [{"source": "orders"}, {"operation": "order.status"}, {"kind": "http"}, {"error_type": "IntegrityError"}],
)
def test_another_source_operation_kind_or_type_is_another_cause(changed: dict[str, str]) -> None:
    assert digest("database is locked") != digest("database is locked", **changed)


def test_other_words_are_another_cause() -> None:
    assert digest("database is locked") != digest("disk is full")


def test_the_fields_cannot_be_shifted_into_one_another() -> None:
    assert digest("x", source="a", operation="bc") != digest("x", source="ab", operation="c")


def test_the_title_names_type_and_pattern_and_fits_its_column() -> None:
    mark = fingerprint("warehouse", "stock.decrement", "db_write", "T" * 1000, "order 536365 " + "x" * 20_000)
    assert mark.version == VERSION
    assert len(mark.title) <= 255
    assert fingerprint("a", "b", "http", "Timeout", "").title == "Timeout"


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=600))
def test_no_message_breaks_it(message: str) -> None:
    assert len(digest(message)) == 32


@pytest.mark.parametrize("piece", ["'", "a", "1", "0x", "«", "a-"])
def test_no_message_takes_it_long(piece: str) -> None:
    began = time.process_time()
    digest(piece * 1_000_000)
    assert time.process_time() - began < 0.5
