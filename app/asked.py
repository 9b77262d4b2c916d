"""Questions to somebody who may hang: asked in the background, waited for briefly, so that no page hangs with them."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class _Question(Generic[Value]):
    asked_at: float
    answer: "Future[tuple[Value | None, float]]"


class Asked(Generic[Value]):
    """One question at a time: who asks while it is under way shares its answer; None when there is none.

    `patience`: how long to wait. `silence`: how long not to ask again when there was no answer. Both in seconds.
    """

    def __init__(self, patience: float, silence: float) -> None:
        self._patience, self._silence = patience, silence
        self._lock = Lock()
        self._last: _Question[Value] | None = None

    def get(self, ask: Callable[[], Value | None], age: float = 0.0) -> Value | None:
        """Return what `ask` answers, or answered at most `age` seconds ago; None where it does not in time."""
        with self._lock:
            if self._last is None or self._is_over(self._last, age):
                self._last = _Question(monotonic(), Future())
                Thread(target=_answer, args=(self._last.answer, ask), name="asked", daemon=True).start()
            question = self._last
        try:
            return question.answer.result(max(0.0, question.asked_at + self._patience - monotonic()))[0]
        except TimeoutError:
            return None

    def _is_over(self, question: _Question[Value], age: float) -> bool:
        if not question.answer.done():
            return False
        if question.answer.exception() is not None:
            return True
        value, at = question.answer.result()
        return monotonic() - at > (self._silence if value is None else age)


def _answer(answer: "Future[tuple[Value | None, float]]", ask: Callable[[], Value | None]) -> None:
    try:
        answer.set_result((ask(), monotonic()))
    except Exception as error:
        answer.set_exception(error)
