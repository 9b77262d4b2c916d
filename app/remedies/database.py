"""What the two remedies that write into a service's database share."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from app.domain.text import clean, cut
from app.remedies import marker
from app.remedies.base import Means, Outcome, Preview, Result, Run


class CannotApply(Exception):
    """The effect is not possible as things stand; raised inside the transaction, so that it rolls back."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.detail)
        self.result = result


class DatabaseRemedy:
    """An effect and its marker in one transaction of the target."""

    kind: str
    target: str

    def effect(self, remedy: dict[str, Any]) -> dict[str, Any]:
        """Return what is applied, as it is kept in the marker."""
        raise NotImplementedError

    def write(self, connection: Connection, remedy: dict[str, Any]) -> str:
        """Write the effect and say it in words; raises CannotApply."""
        raise NotImplementedError

    def foresee(self, connection: Connection, remedy: dict[str, Any]) -> Preview:
        """Tell what `write` would do."""
        raise NotImplementedError

    def apply(self, means: Means, run: Run) -> Result:
        """Write effect and marker together, or nothing."""
        effect = self.effect(run.remedy)

        def work() -> Result:
            with means.store(self.target).connect() as connection:
                if not marker.take(connection, run, self.kind, effect):
                    words = marker.what_bars(connection, run, effect)
                    assert words is not None  # a marker is never removed
                    return Result(Outcome.ALREADY_APPLIED, words)
                return Result(Outcome.APPLIED, self.write(connection, run.remedy))

        return guarded(self.target, work)

    def preview(self, means: Means, run: Run) -> Preview:
        """Read what is there, and compute what would be."""
        try:
            with means.targets.store(self.target).reader.connect() as connection:
                if words := marker.what_bars(connection, run, self.effect(run.remedy)):
                    return Preview("already_applied", reason=words)
                return self.foresee(connection, run.remedy)
        except DBAPIError as error:
            return Preview("would_fail", reason=f"{self.target} cannot be read: {_words(error)}")

    def bar(self, means: Means, run: Run) -> bool:
        """Write a tombstone under the operation's id; False when its effect is there already."""
        with means.targets.store(self.target).connect() as connection:
            return marker.bar(connection, run)


def guarded(target: str, work: Callable[[], Result]) -> Result:
    """Run the work; a database error is a passing reason, and an unreachable database says so."""
    try:
        return work()
    except CannotApply as error:
        return error.result
    except (OperationalError, InterfaceError) as error:
        return Result(Outcome.PASSING, f"{target} is not available: {_words(error)}", unavailable=True)
    except DBAPIError as error:
        return Result(Outcome.PASSING, f"{target} did not take the write: {_words(error)}")


def _words(error: DBAPIError) -> str:
    return cut(clean(str(error.orig)).strip(), 500)
