"""Reports over HTTP, durable and queryable at the answer: single ones and batches."""

from collections.abc import Callable, Iterator
from itertools import count, islice

from sqlalchemy import func, select

from app.models.failure import failures
from app.web import WORKERS
from bench import reports
from bench.desks import TOKEN
from bench.floors import intake as floor
from bench.grounds import Ground
from bench.load import Call, Generator
from bench.processes import free_port, resident, running, wait_for_port
from bench.rounds import Round, Series, in_turns
from bench.table import Line
from storage import open_store

SINGLES, BATCHES, BATCH_SIZE = 800, 16, 100
PLAIN = {"Content-Type": "application/json"}
OURS = PLAIN | {"Authorization": f"Bearer {TOKEN}"}


def measure(ground: Ground, rounds: int, quick: bool) -> list[Line]:
    """Serve the floor and the desk side by side and send the same reports to both, in turns."""
    place = ground.desk("desk", DLO_PORT=str(free_port()))
    floor_url, floor_port = ground.database("floor"), free_port()
    floor.open_floor(floor_url).close()
    floor_log, log, port = ground.folder / "floor.log", ground.folder / "web.log", place.settings.port
    generator = Generator()
    with (
        running(floor_server(floor_port), {floor.DATABASE: floor_url}, log=floor_log) as floor_process,
        running(["app.web"], place.environment, log=log) as process,
    ):
        wait_for_port(floor_process, floor_port, floor_log)
        wait_for_port(process, port, log)
        measured = in_turns(measures(generator, floor_port, port), rounds)
        memory = resident(process)
    generator.close()
    missing = _sent(measured, rounds) - _stored(place.settings.database_url)
    return [*_lines(measured), Line("reports answered but not stored", missing, most=0),
            Line("resident memory of a web process, MB", memory, most=120)]


def send_singles(generator: Generator, numbers: Iterator[int], port: int) -> Round:
    """Send single reports to a desk."""
    calls = [
        Call("/api/v1/failures", reports.single(number), OURS | {"Idempotency-Key": f"key-{number}"})
        for number in islice(numbers, SINGLES)
    ]
    return generator.send(port, calls)


def floor_server(port: int) -> list[str]:
    """Return the floor's command: the same server, with as many processes of one thread."""
    return ["granian", "--interface", "wsgi", "--factory", "--http", "1", "--no-ws", "--port", str(port), "--workers",
            str(WORKERS), "--blocking-threads", "1", "--log-level", "warning", "bench.floors.intake:create"]


def measures(generator: Generator, floor_port: int, port: int) -> dict[str, Callable[[], Round]]:
    """Return what is run in turns: floor and ours, single and batch."""
    numbers, firsts = count(), count(10**9, BATCH_SIZE)

    def floor_singles() -> Round:
        return generator.send(
            floor_port, [Call("/reports", reports.single(number), PLAIN) for number in islice(numbers, SINGLES)]
        )

    def batches(to: int, path: str, headers: dict[str, str]) -> Round:
        calls = [Call(path, reports.batch(first, BATCH_SIZE), headers) for first in islice(firsts, BATCHES)]
        return generator.send(to, calls, worth=BATCH_SIZE)

    return {
        "floor single": floor_singles,
        "our single": lambda: send_singles(generator, numbers, port),
        "floor batch": lambda: batches(floor_port, "/reports/batch", PLAIN),
        "our batch": lambda: batches(port, "/api/v1/failures/batch", OURS),
    }


def _lines(measured: dict[str, Series]) -> list[Line]:
    single, batch = measured["our single"], measured["our batch"]
    floor_single, floor_batch = measured["floor single"], measured["floor batch"]
    return [
        Line("(a) single reports, per second", single.rate, floor_single.rate, least=0.7),
        Line("    p95, ms", single.p95 * 1000, floor_single.p95 * 1000, most=2, decimals=1),
        Line("(b) reports in batches of 100, per second", batch.rate, floor_batch.rate, least=0.6),
        Line("    against our single reports", batch.rate, single.rate, least=6),
        Line("    errors", single.errors + batch.errors, most=0),
    ]


def _sent(measured: dict[str, Series], rounds: int) -> int:
    return (rounds + 1) * (SINGLES + BATCHES * BATCH_SIZE) - measured["our single"].errors


def _stored(url: str) -> int:
    store = open_store(url)
    with store.read() as session:
        stored = session.scalar(select(func.count()).select_from(failures))
    store.close()
    return stored or 0
