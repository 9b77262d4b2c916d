"""How to be killed exactly at a moment: right before it is reached, or as soon as it is over."""

import os
import signal
from collections.abc import Callable
from typing import Any, Literal

from sqlalchemy import Engine, event

from app import outgoing
from app.desk import Desk

Side = Literal["before", "after"]
Act = Callable[[Desk], object]
Arm = Callable[[Desk, Side], None]


def die(*_: object, **__: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def at_call(owner: Any, name: str, side: Side) -> None:
    """Die right before, or right after, a method of the owner is called."""
    method = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> None:
        if side == "before":
            die()
        method(*arguments, **named)
        die()

    setattr(owner, name, call)


def at_statement(engine: Engine, words: str, side: Side, number: int = 1) -> None:
    """Die right before, or right after, the statement of this number among those that begin with the words."""
    counted = [0]

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counted[0] += statement.startswith(words)
        if counted[0] == number and statement.startswith(words):
            die()

    event.listen(engine, "before_cursor_execute" if side == "before" else "after_cursor_execute", look)


def at_commit(engine: Engine, number: int, side: Side) -> None:
    """Die right before, or right after, the engine's commit of this number."""
    commit, counted = engine.dialect.do_commit, [0]

    def count(connection: Any) -> None:
        counted[0] += 1
        if counted[0] == number and side == "before":
            die()
        commit(connection)
        if counted[0] == number:
            die()

    engine.dialect.do_commit = count  # type: ignore[method-assign]


def at_commit_of_the_driver(desk: Desk, side: Side) -> None:
    """Die at the next commit, though SQLAlchemy does not see it."""
    dying = _dying_sqlite if desk.store.is_sqlite else _dying_postgresql
    dying(desk.store.engine, side)


def _dying_sqlite(engine: Engine, side: Side) -> None:
    # SQLite's driver cannot be patched, but tells every statement that it begins.
    seen: list[str] = []

    def look(statement: str) -> None:
        seen.extend([statement] if statement == "COMMIT" else [])
        if seen and side == "before":
            die()

    event.listen(engine, "checkout", lambda connection, *_: connection.set_trace_callback(look))
    event.listen(engine, "reset", lambda *_: die() if seen else None)


def _dying_postgresql(engine: Engine, side: Side) -> None:
    def patch(connection: Any, *_: Any) -> None:
        commit = connection.commit

        def commit_and_die() -> None:
            if side == "after":
                commit()
            die()

        connection.commit = commit_and_die

    event.listen(engine, "checkout", patch)


def at_request(_desk: Desk, side: Side) -> None:
    """Die before a request is sent, or when it is sent and its answer not read."""
    if side == "before":
        outgoing._Connection.connect = die  # type: ignore[method-assign]
    else:
        outgoing._Connection.getresponse = die  # type: ignore[method-assign]


def ours(number: int) -> Arm:
    return lambda desk, side: at_commit(desk.store.engine, number, side)


def our_statement(words: str, number: int = 1) -> Arm:
    return lambda desk, side: at_statement(desk.store.engine, words, side, number)


def theirs(target: str, number: int) -> Arm:
    return lambda desk, side: at_commit(desk.targets.store(target).engine, number, side)


def their_statement(target: str, words: str) -> Arm:
    return lambda desk, side: at_statement(desk.targets.store(target).engine, words, side)
