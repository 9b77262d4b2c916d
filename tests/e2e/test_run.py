"""`make run` as its user meets it: the address, parts that come back, an end that leaves nothing."""

import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.running import Running, passwords, running, start
from tests.e2e.system import System
from tests.e2e.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

STUBS = ("stubs.orders", "stubs.payments", "warehouse-1", "warehouse-2", "stubs.products", "stubs.inventory",
         "stubs.shipping")


@pytest.fixture
def shop(system: System) -> Running:
    """The whole of `make run`, shared by the tests that leave it as it was."""
    return system.run


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Running]:
    """A `make serve` that a test may end in its own way."""
    with running("serve", tmp_path) as run:
        yield run


def test_the_printed_address_answers_and_every_stub_is_well(shop: Running) -> None:
    assert f"\n{shop.url}\n" in shop.text()
    base = int(shop.environment["STUBS_BASE_PORT"])
    addresses = [f"{shop.url}/login", *(f"http://127.0.0.1:{port}/healthz" for port in range(base + 1, base + 8))]
    # Another test may just have killed one of them.
    eventually(lambda: all(_answers(address) for address in addresses), 10)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def test_the_server_does_not_tell_its_version(shop: Running) -> None:
    eventually(shop.answers, 10)
    assert not any(letter.isdigit() for letter in requests.get(f"{shop.url}/login", timeout=5).headers["Server"])


@pytest.mark.parametrize("part", ["app.web", "app.workers", *STUBS])
def test_a_part_that_is_killed_is_back_within_five_seconds(shop: Running, part: str) -> None:
    killed = shop.part(part)[0]
    killed.kill()
    killed.wait(5)
    eventually(lambda: [process for process in shop.part(part) if process.create_time() > killed.create_time()], 5)


def test_the_workers_of_a_killed_server_die_with_it_and_the_service_answers_again(shop: Running) -> None:
    eventually(lambda: len(shop.part("app.web")) == 3, 10)
    before = shop.part("app.web")
    before[0].kill()
    eventually(lambda: not set(before) & set(shop.processes()), 5)
    eventually(shop.answers, 10)


def test_a_worker_of_the_server_that_is_killed_is_replaced(shop: Running) -> None:
    eventually(lambda: len(shop.part("app.web")) == 3, 10)
    killed = shop.part("app.web")[-1]
    killed.kill()
    killed.wait(5)
    eventually(lambda: len(shop.part("app.web")) == 3, 10)
    eventually(shop.answers, 5)


def test_clients_that_send_slowly_hold_up_nobody(shop: Running) -> None:
    eventually(shop.answers, 10)
    slow = [socket.create_connection(("127.0.0.1", int(shop.environment["DLO_PORT"]))) for _ in range(8)]
    try:
        for client in slow:
            client.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nusername=")
        for _ in range(8):
            assert requests.get(f"{shop.url}/login", timeout=3).ok
    finally:
        for client in slow:
            client.close()


def test_all_that_is_generated_is_private(shop: Running) -> None:
    folder = Path(shop.environment["DLO_INSTANCE"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir() if file.is_file()} == {0o600}


def test_passwords_are_printed_on_the_first_start_alone(tmp_path: Path) -> None:
    with running("serve", tmp_path) as first:
        assert passwords(first.text()).keys() == {"admin", "operator"}
    (tmp_path / "output").unlink()
    with running("serve", tmp_path) as second:
        assert passwords(second.text()) == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_make_ends_everything_within_15_seconds(desk: Running, number: signal.Signals) -> None:
    desk.make.send_signal(number)
    desk.make.wait(15)
    assert desk.processes() == []


def test_a_killed_make_leaves_nothing_behind(desk: Running) -> None:
    desk.make.kill()
    eventually(lambda: desk.processes() == [], 15)


@pytest.mark.parametrize("part", ["app.cli serve", "supervisord"])
def test_a_killed_supervisor_or_runner_leaves_nothing_behind(desk: Running, part: str) -> None:
    desk.part(part)[-1].kill()
    eventually(lambda: desk.processes() == [], 15)
    assert desk.make.wait(5) != 0


def test_a_second_run_on_the_same_port_is_refused_in_one_line(desk: Running, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    second = start("serve", other, DLO_PORT=desk.environment["DLO_PORT"])
    assert second.make.wait(15) != 0
    assert [line for line in second.text().splitlines() if "DLO_PORT" in line] == [second.text().splitlines()[0]]
    assert "Traceback" not in second.text()
    assert desk.answers()
