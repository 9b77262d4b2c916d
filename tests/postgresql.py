"""A throwaway PostgreSQL: one server for a run of the tests, a database of its own for every test."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import port_for
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import OperationalError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

# Where Debian keeps what `apt-get install postgresql` brings: not on the PATH.
PROGRAMS = Path("/usr/lib/postgresql/15/bin")
USER = "postgres"
# A test's data need not outlive the machine; and nobody waits for a lock longer than a test may take.
OPTIONS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200", "autovacuum=off")
DURABLE = ("max_connections=200",)


class Server:
    """A running server, known by a URL that may create databases."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._engine = _autocommitting(self._url)

    def create(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of another, and return its URL."""
        name = f"test_{uuid4().hex}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{_name(template) if template else "template1"}"')
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def empty(self, url: str) -> None:
        """Remove all that is in a database."""
        engine = _autocommitting(make_url(url))
        with engine.connect() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        engine.dispose()

    def run(self, statement: str) -> None:
        """Run a statement of administration, which no transaction may hold."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    @retry(retry=retry_if_exception_type(OperationalError), stop=stop_after_delay(30), wait=wait_fixed(0.05))
    def wait(self) -> None:
        """Return as soon as the server answers."""
        self.run("SELECT 1")

    def close(self) -> None:
        """Close the connection of administration."""
        self._engine.dispose()


class Cluster:
    """A server of our own: its data in a folder, and its process, which may be stopped and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options = folder, options
        self._port = port_for.get_port(None)
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        initialise = [PROGRAMS / "initdb", "-D", self._data, "-U", USER, "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run([*_unprivileged(), *initialise], check=True, capture_output=True, cwd=folder)
        self.server = Server(f"postgresql://{USER}@127.0.0.1:{self._port}/postgres")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start the server, and return as soon as it answers."""
        command = [PROGRAMS / "postgres", "-D", self._data, "-p", str(self._port), "-h", "127.0.0.1"]
        command += ["-k", self._folder, *(word for option in self._options for word in ("-c", option))]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*_unprivileged(), *command], cwd=self._folder, stdout=log, stderr=log)
        self.server.wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends its sessions in order, SIGQUIT as a power cut would."""
        self._process.send_signal(how)
        self._process.wait(30)


@contextmanager
def serving(*, durable: bool = False) -> Iterator[Server]:
    """Lend the server of TEST_POSTGRESQL_URL, or start one that is gone afterwards; `durable` as a real one is."""
    given = os.environ.get("TEST_POSTGRESQL_URL")
    if given:
        server = Server(given)
        yield server
        server.close()
        return
    with cluster(*(DURABLE if durable else OPTIONS)) as started:
        yield started.server


@contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """Start a server of our own; it is gone afterwards, with its data."""
    folder = Path(tempfile.mkdtemp(prefix="test-postgresql-"))
    try:
        started = Cluster(folder, *options)
        started.start()
        try:
            yield started
        finally:
            started.server.close()
            started.stop()
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> list[str]:
    """Return what runs a program as another than root, which PostgreSQL refuses; it dies with the tests."""
    command = ["setpriv", "--pdeathsig", "INT"]
    if os.getuid() != 0:
        return [*command, "--"]
    user = pwd.getpwnam(USER)
    return [*command, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _autocommitting(url: URL) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})


def _name(url: str) -> str:
    return make_url(url).database or ""
