"""The audit is only ever added to, and whoever rewrites it all the same is found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, event, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from app.cli import cli
from app.desk import Desk
from app.domain.chain import FIELDS, link
from app.models.audit import AuditEntry, AuditHead
from app.queries import audit_chain
from app.queries.audit_chain import verify
from app.services import audit, bulk, bulk_orders, bulk_steering, queues, review, targets
from app.services.bulk_orders import BulkOrder
from messaging import Message
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.fakes import FakeClock
from tests.looking import rows
from tests.services.test_intake_races import AT_ONCE, at_once

ENTRIES = 5


@pytest.fixture
def entries(desk: Desk, clock: FakeClock) -> list[int]:
    """The numbers of some entries, oldest first."""
    failure_id = make_failure(desk)
    for number in range(ENTRIES):
        clock.advance(1)
        review.comment(desk, failure_id, actor="operator", text=f"note {number}")
    return [row.id for row in rows(desk, select(AuditEntry.id).order_by(AuditEntry.id))]


@contextmanager
def unguarded(desk: Desk) -> Iterator[Connection]:
    """Write to the audit as somebody who rules the database can."""
    with desk.store.connect() as connection:
        if desk.store.is_sqlite:
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection


@pytest.mark.parametrize("statement", [
    "UPDATE audit SET reason = 'another'", "UPDATE audit SET hash = hash", "DELETE FROM audit",
    "DELETE FROM audit_head", "UPDATE audit_head SET entries = entries - 1",
])
def test_the_database_itself_refuses_to_change_or_remove_an_entry(
    desk: Desk, entries: list[int], statement: str
) -> None:
    refuses(desk, statement)
    assert verify(desk.store).entries == len(entries)


def test_what_removes_rows_unseen_is_refused_too(desk: Desk, entries: list[int]) -> None:
    for table in ("audit", "audit_head"):
        refuses(desk, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" if desk.store.is_sqlite
                else f"TRUNCATE {table}")
    assert verify(desk.store).entries == len(entries)


def refuses(desk: Desk, statement: str) -> None:
    with pytest.raises(DatabaseError, match="only ever added to"), desk.store.connect() as connection:
        connection.execute(text(statement))


def test_writers_at_once_make_one_chain(desk: Desk) -> None:
    failures = [make_failure(desk) for _ in range(AT_ONCE)]

    def write(number: int) -> None:
        for note in range(4):
            review.comment(desk, failures[number], actor="operator", text=f"note {note}")

    at_once(write)
    walked = verify(desk.store)
    assert (walked.entries, walked.fault) == (4 * AT_ONCE, None)


def test_a_walk_in_chunks_sees_each_entry_once(
    desk: Desk, entries: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = verify(desk.store)
    monkeypatch.setattr(audit_chain, "CHUNK", 2)
    assert verify(desk.store) == whole
    assert (whole.entries, whole.last, whole.fault) == (ENTRIES, entries[-1], None)


def test_an_empty_audit_holds(desk: Desk) -> None:
    assert verify(desk.store).fault is None


@pytest.mark.parametrize("field", ["at", *FIELDS])
def test_a_changed_entry_is_named(desk: Desk, entries: list[int], field: str) -> None:
    changed = desk.clock() + timedelta(days=1) if field == "at" else "another"
    with unguarded(desk) as connection:
        connection.execute(update(AuditEntry).where(AuditEntry.id == entries[2]).values({field: changed}))
    assert verify(desk.store).fault == f"Entry {entries[2]} was changed: it is not what its hash tells."


@pytest.mark.parametrize("place", range(ENTRIES))
def test_a_removed_entry_is_named(desk: Desk, entries: list[int], place: int) -> None:
    with unguarded(desk) as connection:
        connection.execute(text("DELETE FROM audit WHERE id = :id"), {"id": entries[place]})
    before = entries[place - 1] if place else 0
    fault = verify(desk.store).fault
    assert fault is not None
    assert fault.startswith(
        f"Entries after {before} were removed" if place == ENTRIES - 1
        else f"Entries between {before} and {entries[place + 1]} were removed"
    )


@pytest.mark.parametrize("is_linked", [True, False])
def test_an_inserted_entry_is_named(desk: Desk, entries: list[int], is_linked: bool) -> None:
    with unguarded(desk) as connection:
        for number in reversed(entries[2:]):
            connection.execute(update(AuditEntry).where(AuditEntry.id == number).values(id=number + 1))
        forge(connection, entries[2], after=entries[1], is_linked=is_linked)
    assert (verify(desk.store).fault or "").startswith(f"Entry {entries[2]} was inserted")


def test_an_entry_inserted_at_the_end_is_named(desk: Desk, entries: list[int]) -> None:
    with unguarded(desk) as connection:
        forge(connection, entries[-1] + 1, after=entries[-1], is_linked=True)
    assert (verify(desk.store).fault or "").startswith(f"Entry {entries[-1] + 1} was inserted")


def test_an_entry_that_was_changed_with_its_hash_is_found_at_the_next_or_at_the_end(
    desk: Desk, entries: list[int]
) -> None:
    rewrite(desk, entries[2])
    assert (verify(desk.store).fault or "").endswith(f"or entry {entries[2]} was rewritten.")
    rewrite(desk, *entries[2:])
    assert (verify(desk.store).fault or "").startswith(f"Entry {entries[-1]} was rewritten")


def test_a_chain_that_was_written_anew_to_its_end_does_not_have_the_entry_that_is_known(
    desk: Desk, entries: list[int]
) -> None:
    earlier = verify(desk.store)
    known = (earlier.last, earlier.hash)
    assert verify(desk.store, known).fault is None
    last = rewrite(desk, *entries)
    with unguarded(desk) as connection:
        connection.execute(update(AuditHead).values(hash=last))
    assert verify(desk.store).fault is None
    assert (verify(desk.store, known).fault or "").startswith(f"Entry {entries[-1]} was removed or rewritten")


def forge(connection: Connection, number: int, *, after: int, is_linked: bool) -> None:
    before = connection.execute(select(AuditEntry.__table__).where(AuditEntry.id == after)).one()._asdict()
    forged = before | {"id": number, "reason": "never said", "previous": before["hash"] if is_linked else ""}
    forged["hash"] = link(forged["previous"], forged) if is_linked else ""
    connection.execute(insert(AuditEntry).values(forged))


def rewrite(desk: Desk, *numbers: int) -> str:
    """Change entries and their hashes, so that each follows the one before; return the last hash."""
    hashed = ""
    with unguarded(desk) as connection:
        for number in numbers:
            row = connection.execute(select(AuditEntry.__table__).where(AuditEntry.id == number)).one()._asdict()
            row |= {"reason": "something else", "previous": hashed or row["previous"]}
            hashed = link(row["previous"], row)
            changed = {name: row[name] for name in ("reason", "previous")} | {"hash": hashed}
            connection.execute(update(AuditEntry).where(AuditEntry.id == number).values(changed))
    return hashed


def test_the_commands_exit_tells_and_names_what_is_wrong(
    app: Flask, desk: Desk, environment: dict[str, str], entries: list[int]
) -> None:
    def run(*arguments: str) -> Result:
        return app.test_cli_runner(env=environment).invoke(cli, ["audit-verify", *arguments])

    whole = run()
    assert (whole.exit_code, whole.stdout.split()[0]) == (0, str(ENTRIES))
    assert run("--known", whole.stdout.split()[-1]).exit_code == 0
    assert (run("--known", f"{entries[0]}:{'0' * 64}").exit_code, run("--known", "5").exit_code) == (1, 2)
    with unguarded(desk) as connection:
        connection.execute(update(AuditEntry).where(AuditEntry.id == entries[1]).values(actor="another"))
    broken = run()
    assert (broken.exit_code, f"Entry {entries[1]} was changed" in broken.stderr) == (1, True)
    under_flask = app.test_cli_runner(env=environment).invoke(args=["audit-verify"])
    assert (under_flask.exit_code, under_flask.output) == (1, broken.output)


def start_of_many(desk: Desk) -> str:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    return bulk_orders.start(desk, BulkOrder("resolve", "operator", "by hand", ids=(failure_id,)))[0]


ACTS: dict[str, Callable[[Desk], Any]] = {
    "retry": lambda desk: review.retry(desk, make_failure(desk, remedy=STOCK_DECREMENT), actor="operator"),
    "assign": lambda desk: review.assign(desk, make_failure(desk), actor="operator", assignee="anna"),
    "comment": lambda desk: review.comment(desk, make_failure(desk), actor="operator", text="note"),
    "resolve": lambda desk: review.resolve(desk, make_failure(desk), actor="operator", reason="by hand"),
    "pause of a target": lambda desk: targets.pause(desk, "warehouse-db", actor="admin"),
    "probe of a target": lambda desk: targets.probe(desk, "warehouse-db", actor="admin"),
    "start of many": start_of_many,
    "item of many": lambda desk: (start_of_many(desk), bulk.run_some(desk)),
    "cancelling many": lambda desk: bulk_steering.cancel(desk, start_of_many(desk), actor="operator"),
    "publishing": lambda desk: queues.publish(desk, "orders.status", Message(b"{}"), actor="admin"),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_holds_the_end_of_the_chain_waits_for_nothing_else(desk: Desk, act: str) -> None:
    make_shop(desk)
    make_stock(desk, leg=100)
    sent: list[str] = []
    event.listen(desk.store.engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    event.listen(desk.store.engine, "commit", lambda _connection: sent.append("COMMIT"))
    ACTS[act](desk)
    written = [place for place, statement in enumerate(sent) if statement.startswith("INSERT INTO audit ")]
    assert written
    for place in written:
        assert sent[place + 1].startswith("UPDATE audit_head") and sent[place + 2] == "COMMIT"


def test_what_is_written_is_logged_once_it_is_kept(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "app.services.audit")
    review.comment(desk, make_failure(desk), actor="operator", text="a note")
    with pytest.raises(RuntimeError), desk.store.write() as session:
        audit.record(session, actor="operator", action="failure.comment", now=desk.clock())
        raise RuntimeError
    (line,) = caplog.records
    walked = verify(desk.store)
    assert line.__dict__["entry"] == f"{walked.last}:{walked.hash}"


def test_an_act_that_fails_leaves_no_entry_and_no_gap(desk: Desk, entries: list[int]) -> None:
    with pytest.raises(RuntimeError), desk.store.write() as session:
        audit.record(session, actor="operator", action="failure.comment", now=desk.clock())
        raise RuntimeError
    walked = verify(desk.store)
    assert (walked.entries, walked.fault) == (len(entries), None)
    assert rows(desk, select(func.count()).select_from(AuditEntry))[0][0] == len(entries)
