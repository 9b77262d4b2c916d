"""A SQLite file is opened safely, by any number of connections at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import text

from storage import open_store


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
