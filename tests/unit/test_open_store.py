"""A SQLite file is opened safely, by any number of connections at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage import Store, open_store


def test_many_connections_may_be_the_first_to_a_new_file(tmp_path: Path) -> None:
    together = Barrier(8)

    def write(file: Path) -> None:
        store = open_store(f"sqlite:///{file}")
        together.wait(30)
        with store.connect() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS seen (number INTEGER)"))
        store.close()

    with ThreadPoolExecutor(8) as pool:
        for number in range(60):
            list(pool.map(write, [tmp_path / f"{number}.db"] * 8))


def test_a_file_is_kept_in_write_ahead_mode(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/new.db")
    with store.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    store.close()


def test_who_waits_for_the_write_lock_is_refused_in_time(tmp_path: Path) -> None:
    first, second = (open_store(f"sqlite:///{tmp_path}/one.db", busy_seconds=0.2) for _ in range(2))
    with first.connect(), pytest.raises(OperationalError, match="locked"), second.connect():
        pass
    with second.read() as session:  # and waits as long for what else may be locked
        assert session.scalar(text("PRAGMA busy_timeout")) == 200
    first.close()
    second.close()


def test_who_waits_for_the_write_lock_gets_it_in_the_end(tmp_path: Path) -> None:
    stores = [open_store(f"sqlite:///{tmp_path}/one.db") for _ in range(4)]
    with stores[0].connect() as connection:
        connection.execute(text("CREATE TABLE counted (number INTEGER)"))
        connection.execute(text("INSERT INTO counted VALUES (0)"))

    def count(store: Store) -> None:
        for _ in range(50):
            with store.connect() as connection:
                number = connection.scalar(text("SELECT number FROM counted"))
                connection.execute(text("UPDATE counted SET number = :number"), {"number": number + 1})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, stores))
    with stores[0].read() as session:
        assert session.scalar(text("SELECT number FROM counted")) == 200
    for store in stores:
        store.close()
