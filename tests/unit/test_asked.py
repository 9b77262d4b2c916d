"""Asking somebody who may hang: nobody waits long, nobody asks in vain again and again."""

import time
from collections.abc import Callable
from threading import Event

import pytest

from app.asked import Asked

PATIENCE, SILENCE = 0.2, 0.3


@pytest.fixture
def asked() -> Asked[int]:
    return Asked(PATIENCE, SILENCE)


def test_an_answer_is_fresh_unless_an_older_one_will_do(asked: Asked[int]) -> None:
    answers = iter(range(10))
    got = [asked.get(lambda: next(answers), age) for age in (0, 0, 60, 60, 0)]
    assert got == [0, 1, 1, 1, 2]


def test_who_hangs_is_waited_for_once_and_asked_once(asked: Asked[int]) -> None:
    calls, wake = [], Event()

    def hang() -> int:
        calls.append(1)
        wake.wait(20)
        return 7

    assert _seconds(lambda: asked.get(hang)) >= PATIENCE
    assert _seconds(lambda: [asked.get(hang) for _ in range(20)]) < 5 * PATIENCE
    assert calls == [1]
    wake.set()
    deadline = time.monotonic() + 5
    while asked.get(hang, 60) != 7:
        assert time.monotonic() < deadline


def test_who_had_no_answer_is_left_alone_for_a_while(asked: Asked[int]) -> None:
    calls = []

    def nothing() -> None:
        calls.append(1)

    assert [asked.get(nothing) for _ in range(5)] == [None] * 5
    assert len(calls) == 1
    time.sleep(SILENCE)
    assert asked.get(lambda: 3) == 3


def test_a_fault_of_ours_is_raised_and_the_next_one_asks_again(asked: Asked[int]) -> None:
    with pytest.raises(ZeroDivisionError):
        asked.get(lambda: 1 // 0)
    assert asked.get(lambda: 3) == 3


def _seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
