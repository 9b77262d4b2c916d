"""A wrong setting stops every entry with one line that names the variable."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import SettingsError, load
from app.running import ports

ENTRIES = {
    "init": ["app.cli", "init"],
    "web": ["app.web"],
    "worker": ["app.workers"],
    "run": ["app.cli", "run"],
    "stubs": ["app.cli", "stubs"],
}

WRONG = {
    "DLO_DATABASE_URL": "sqlite:////nowhere/instance/dlo.db",
    "DLO_QUEUE_DATABASE_URL": "sqlite:////nowhere/queue.db",
    "ORDERS_DATABASE_URL": "mysql://localhost/orders",
    "DLO_TARGETS": '{"warehouse-db": "sqlite:////nowhere/warehouse.db"}',
    "DLO_BROKER_URL": "kafka://localhost",
    "DLO_PORT": "80800",
    "DLO_RETRY_SCALE": "0",
    "DLO_SERVICE_TOKENS": "orders",
    "DLO_TRUSTED_PROXIES": "all",
    "DLO_INTAKE_RATE": "-1",
    "DLO_KEEP_CLOSED_DAYS": "0",
    "DLO_KEEP_ORDER_DAYS": "364",
    "DLO_LOG_FORMAT": "xml",
    "DEMO_TRAFFIC": "perhaps",
    "STUBS_BASE_PORT": "x",
}


def stop(entry: str, tmp_path: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "DLO_INSTANCE": str(tmp_path / "instance"), **settings}
    command = [sys.executable, "-m", *ENTRIES[entry]]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("variable", WRONG)
def test_the_line_begins_with_the_variable(variable: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load({"DLO_INSTANCE": str(tmp_path), variable: WRONG[variable]})
    assert str(error.value).startswith(f"{variable}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_stops_with_one_line_and_no_traceback(entry: str, tmp_path: Path) -> None:
    stopped = stop(entry, tmp_path, DLO_DATABASE_URL=WRONG["DLO_DATABASE_URL"])
    assert (stopped.returncode, stopped.stdout) == (2, "")
    assert stopped.stderr == "DLO_DATABASE_URL: the folder /nowhere/instance does not exist\n"


def test_a_folder_that_the_start_makes_itself_is_not_missing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fresh/dlo.db"
    assert load({"DLO_INSTANCE": f"{tmp_path}/fresh", "DLO_DATABASE_URL": url}).database_url == url


def test_a_database_in_memory_is_refused_since_processes_share_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^DLO_DATABASE_URL: must name a file"):
        load({"DLO_INSTANCE": str(tmp_path), "DLO_DATABASE_URL": "sqlite://"})


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "dlo.db").write_text("not a database, but long enough to be looked at " * 100)
    stopped = stop("init", tmp_path, DLO_DATABASE_URL=f"sqlite:///{tmp_path}/dlo.db")
    assert stopped.returncode == 2
    assert stopped.stderr.startswith("DLO_DATABASE_URL: the database cannot be used")
    assert stopped.stderr.count("\n") == 1


@pytest.mark.parametrize("entry", ["web", "run", "stubs"])
def test_a_taken_port_stops_the_start(entry: str, tmp_path: Path) -> None:
    variable = "STUBS_BASE_PORT" if entry == "stubs" else "DLO_PORT"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        number = port if variable == "DLO_PORT" else port - 1  # the first stub's, which is tried first
        stopped = stop(entry, tmp_path, **{variable: str(number)})
    assert (stopped.returncode, stopped.stdout) == (2, "")
    assert stopped.stderr.startswith(f"{variable}: port {port}")
    assert stopped.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_told_by_the_host(host: str) -> None:
    with pytest.raises(SettingsError, match=f"^DLO_HOST: {host}"):
        ports.check(host, 18000, "DLO_PORT")
