"""Who takes part: how each is given its work, and how its worker is started."""

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url

from app.services import intake
from bench import shop
from bench.desks import prepare
from bench.peers.environments import HERE, programs, version
from bench.peers.orders import Orders
from bench.processes import ROOT

PROCESSES = 2
BATCH = 1000


@dataclass(frozen=True)
class Command:
    """What starts a worker, where, and with which settings."""

    words: list[str]
    folder: Path
    environment: dict[str, str]
    copies: int = 1


class Contestant(Protocol):
    """A system that does the work."""

    name: str
    quiet: float  # seconds without a write after which nothing more is to be expected, when its worker was killed

    def give(self, orders: Orders, broker: str, folder: Path) -> Command:
        """Hand over all the work, and return how to start the worker."""


class Desk:
    """This desk: failures with the remedy `order_status`, all due, on PostgreSQL and RabbitMQ."""

    name = "the desk"
    quiet = 40.0  # what a killed worker held comes back when its lease of 30 s has run out

    def __init__(self, database: str) -> None:
        self.database = database

    def give(self, orders: Orders, broker: str, folder: Path) -> Command:
        """Report all orders as not paid; each first attempt is due at once."""
        place = prepare(
            folder, DLO_DATABASE_URL=self.database, ORDERS_DATABASE_URL=orders.url, DLO_BROKER_URL=broker
        )
        desk = replace(place.open(), random=lambda: 0.0)
        for begin in range(0, orders.number, BATCH):
            intake.receive_batch(desk, shop.unpaid(orders.names[begin:begin + BATCH]), source=shop.SOURCE)
        desk.close()
        return Command([sys.executable, "-m", "app.workers"], ROOT, place.environment, copies=PROCESSES)


class Peer:
    """Another task queue, in an environment of its own."""

    quiet = 10.0

    def __init__(self, package: str, *worker: str) -> None:
        self.package, self.worker = package, worker
        self.name = f"{package} {version(package)}"
        self.programs = programs(package)

    def give(self, orders: Orders, broker: str, _folder: Path) -> Command:
        """Send a task for each order."""
        tasks = HERE / "tasks"
        settings = {"BENCH_BROKER": broker, "BENCH_DATABASE": _plain(orders.url), "PYTHONDONTWRITEBYTECODE": "1"}
        send = [str(self.programs / "python"), f"{self.package}_tasks.py", str(orders.number)]
        subprocess.run(send, check=True, cwd=tasks, env={**os.environ, **settings})
        return Command([str(self.programs / self.package), *self.worker], tasks, settings)


def celery() -> Peer:
    """Return Celery: late acknowledgement, its own prefetch."""
    return Peer("celery", "-A", "celery_tasks", "worker", "--concurrency", str(PROCESSES), "--loglevel", "ERROR")


def dramatiq() -> Peer:
    """Return Dramatiq: it acknowledges late by itself, with eight threads a process."""
    return Peer("dramatiq", "dramatiq_tasks", "--processes", str(PROCESSES))


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
