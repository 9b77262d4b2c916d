"""The W3C's `traceparent`: what is valid, what is not, and how a trace goes on."""

import pytest

from app.domain.trace import Trace, first_valid, parse

TRACE_ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE_ID}-{PARENT}-01"


@pytest.mark.parametrize(
    ("value", "is_sampled"),
    [(VALID, True), (VALID[:-2] + "00", False), (VALID[:-2] + "03", True), (VALID[:-2] + "fe", False),
     ("01" + VALID[2:], True), ("cc" + VALID[2:] + "-what-comes-later", True)],
)
def test_a_valid_one_is_read_also_of_a_later_version(value: str, is_sampled: bool) -> None:
    assert parse(value) == Trace(TRACE_ID, is_sampled)


@pytest.mark.parametrize(
    "value",
    [None, 7, b"00", "", "мусор", VALID.upper(), VALID + "\n", VALID + "-more", VALID[:-1], " " + VALID,
     "ff" + VALID[2:], f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE_ID}-{'0' * 16}-01",
     f"00-{TRACE_ID[:-1]}-{PARENT}-01", VALID + "," + VALID,
     "01" + VALID[2:] + "more", "01" + VALID[2:] + "-" + "x" * 250],
)
def test_an_invalid_one_is_as_if_there_were_none(value: object) -> None:
    assert parse(value) is None


def test_a_child_has_the_trace_of_its_parent_and_a_valid_id_of_its_own() -> None:
    trace = Trace(TRACE_ID, False)
    children = [trace.child(name) for name in ("f/1/1", "f/2/2", "f/1/1")]
    assert children[0] == children[2] != children[1]
    assert all(parse(child) == trace for child in children)


def test_the_first_valid_one_is_chosen() -> None:
    assert first_valid(None, "x", VALID, "01" + VALID[2:]) == VALID
    assert first_valid("x", None) is None
