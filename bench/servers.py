"""Choose the WSGI server by measurement: `python -m bench.servers [rounds]`; single reports to each in turns."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from app.web import THREADS
from bench.desks import prepare
from bench.load import Generator
from bench.processes import free_port, resident, running, wait_for_port
from bench.rounds import Round, Series, in_turns
from bench.subjects.intake import send_singles

SERVED = "app.wsgi:application"  # lets one request at a time into the application
BARE = "app:create_app"
ROUNDS = 7


def granian(application: str, workers: int, threads: int) -> Callable[[int], list[str]]:
    """Return granian's command by port."""
    return lambda port: [
        "granian", "--interface", "wsgi", "--factory", "--http", "1", "--no-ws", "--log-level", "error", "--port",
        str(port), "--workers", str(workers), "--blocking-threads", str(threads), application,
    ]


def gunicorn(kind: str, workers: int, threads: int) -> Callable[[int], list[str]]:
    """Return gunicorn's command by port."""
    return lambda port: [
        "gunicorn", "--worker-class", kind, "--workers", str(workers), "--threads", str(threads), "--log-level",
        "error", "--bind", f"127.0.0.1:{port}", f"{SERVED}()",
    ]


SERVERS = {
    "granian, 1 process × 1 thread": granian(SERVED, 1, 1),
    "granian, 2 × 1": granian(SERVED, 2, 1),
    f"granian, 2 × {THREADS}, one request at a time": granian(SERVED, 2, THREADS),
    "granian, 2 × 8, all at once": granian(BARE, 2, 8),
    "gunicorn sync, 2 × 1": gunicorn("sync", 2, 1),
    "gunicorn gthread, 2 × 1": gunicorn("gthread", 2, 1),
    "gunicorn gthread, 2 × 8, one request at a time": gunicorn("gthread", 2, 8),
}


def main() -> None:
    """Measure all servers and print them as a Markdown table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    generator, numbers = Generator(), count()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        started = {name: _start(stack, Path(folder), name, command) for name, command in SERVERS.items()}

        def measure(port: int) -> Callable[[], Round]:
            return lambda: send_singles(generator, numbers, port)

        measured = in_turns({name: measure(port) for name, (_, port) in started.items()}, rounds)
        memory = {name: resident(process) for name, (process, _) in started.items()}
    generator.close()
    print("| server | reports per second | p95, ms | errors | MB |\n|---|---|---|---|---|")
    for name, series in measured.items():
        print(_line(name, series, memory[name]))


def _start(
    stack: ExitStack, folder: Path, name: str, command: Callable[[int], list[str]]
) -> tuple[psutil.Popen, int]:
    port = free_port()
    place = prepare(folder / str(port), DLO_PORT=str(port))
    log = folder / f"{port}.log"
    process = stack.enter_context(running(command(port), place.environment, log=log))
    wait_for_port(process, port, log)
    return process, port


def _line(name: str, series: Series, memory: float) -> str:
    return f"| {name} | {series.rate:,.0f} | {series.p95 * 1000:.1f} | {series.errors} | {memory:.0f} |"


if __name__ == "__main__":
    main()
