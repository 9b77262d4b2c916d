"""JSON read strictly and given back exactly."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exact_json import BigNumber, DuplicateKey, NotJson, TooDeep, dumps, loads, same_value
from tests.poison import DEEP, INVALID, MALFORMED, TAKEN

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20,
)


def test_the_corpus_is_large_enough() -> None:
    assert len(MALFORMED) + len(INVALID) + len(TAKEN) >= 100


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_json_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(NotJson, match=r"^(line \d+, column \d+|byte \d+|-?(NaN|Infinity))"):
        loads(MALFORMED[name])


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_comes_back_as_the_same_value(name: str) -> None:
    body = TAKEN[name]
    assert same_value(dumps(loads(body)).encode(), body)


@pytest.mark.parametrize("name", [*MALFORMED, *INVALID, *TAKEN])
def test_every_body_equals_itself_and_comparing_takes_no_time(name: str) -> None:
    body = (MALFORMED | INVALID | TAKEN)[name]
    began = time.process_time()
    assert same_value(body, bytes(body))
    same_value(body, body + b" ")
    same_value(body + b" ", b" " + body)
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True), ("1", "1.0", True), ("1e2", "100", True), ("true", "1", False),
        ("false", "0", False), ("null", "0", False), ("[1, 2]", "[2, 1]", False), ('"1"', "1", False), ("-0", "0",
        True),
        ('"\\u0041"', '"A"', True), ('"é"', '"\\u0065\\u0301"', False), ("1e999", "1e999 ", True),
        ("1e999", "10e998", True), ("1e999", "1e998", False), ("9" * 6000, "9" * 5999 + "8", False),
        ("1e" + "9" * 30, " 1e" + "9" * 30, True), ("1e" + "9" * 30, "2e" + "9" * 30, False),
        ('{"a": 1}', '{"a": 1, "b": null}', False), ("0.1", "0.10", True), ("0.1", "0.1000000000000000055", False),
        ('{"a": 1, "a": 2}', '{"a": 2}', False), ("NaN", "NaN ", False), ("oops", "oops ", False),
        ("[" * DEEP, "[" * DEEP + " ", False),
    ],
)
def test_bodies_are_the_same_when_their_values_are(one: str, other: str, same: bool) -> None:
    assert same_value(one.encode(), other.encode()) is same
    assert same_value(other.encode(), one.encode()) is same


def test_an_ignored_key_does_not_count_at_the_top_alone() -> None:
    assert same_value(b'{"k": 1, "a": 2}', b'{"a": 2, "k": 3}', ignore="k")
    assert not same_value(b'{"a": {"k": 1}}', b'{"a": {"k": 2}}', ignore="k")


@pytest.mark.parametrize(
    "text", ["9" * 301, "-" + "9" * 6000, "1e999", "1E-99999", "0." + "1" * 6000, "0.1000000000000000055",
    "1e" + "9" * 30]
)
def test_a_number_that_no_double_holds_keeps_its_own_text(text: str) -> None:
    assert dumps(loads(f'{{"n": {text}}}'.encode())) == f'{{"n":{text}}}'


def test_an_ordinary_number_is_an_ordinary_number() -> None:
    assert loads(b"[1, -2, 1.5, 1e3, 1234567890123456789012]") == [1, -2, 1.5, 1000.0, 1234567890123456789012]
    assert loads(b"[0.30000000000000004, 1.00000000000000000000, 0e5, -0.0]") == [0.30000000000000004, 1.0, 0.0, 0.0]


def test_big_numbers_are_compared_and_shown_without_being_computed() -> None:
    one, same, other = BigNumber("1e" + "9" * 30), BigNumber("1e" + "9" * 30), BigNumber("2e" + "9" * 30)
    assert one == same and hash(one) == hash(same)
    assert one != other
    assert BigNumber("1e999") == BigNumber("10e998")
    assert len(repr(BigNumber("9" * 6000))) < 30


@pytest.mark.parametrize("body", [b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP, b"[" * 65 + b"]" * 65])
def test_what_nests_deeper_than_64_is_refused_before_it_is_read(body: bytes) -> None:
    with pytest.raises(TooDeep):
        loads(body)


def test_brackets_within_strings_nest_nothing() -> None:
    assert loads(json.dumps("[" * 1000 + '\\"' + "{" * 1000).encode())
    assert loads(b"[" * 64 + b'"[[[[\\"[[[["' + b"]" * 64)


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(DuplicateKey, match=r"^a$"):
        loads(b'[{"b": {"a": 1, "\\u0061": 2}}]')


@pytest.mark.parametrize("piece", [b'"', b"\\", b'\\"', b'["', b'{"\\', b"[{", b'",'])
def test_no_body_takes_long_to_refuse(piece: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ValueError):
        loads((b'{"a": ' + piece * 1_000_000)[: 1024 * 1024])
    assert time.process_time() - began < 2.0


@given(ANYTHING)
def test_whatever_is_written_is_read_back_the_same(value: object) -> None:
    assert loads(dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_value_error(body: bytes) -> None:
    try:
        loads(body)
    except ValueError as error:
        assert isinstance(error, NotJson | TooDeep | DuplicateKey)
