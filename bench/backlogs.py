"""Backlogs of order statuses to be written: a desk's, and the floor's."""

from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Protocol

from app.domain.retry_policy import EXPONENTIAL
from app.services import intake
from bench import shop
from bench.desks import Place, prepare
from bench.floors import retries as floor

CHUNK = 1000


class Backlog(Protocol):
    """Work that is due, as much as there was at the start however much is done."""

    def add(self, number: int) -> None:
        """Add that much."""

    def close(self) -> None:
        """Close the databases."""


class DeskBacklog:
    """Failures of a desk, all due at once."""

    def __init__(self, folder: Path) -> None:
        orders = f"sqlite:///{folder}-orders.db"
        self.place: Place = prepare(folder, ORDERS_DATABASE_URL=orders)
        self.desk = replace(self.place.open(), random=lambda: 0.0)  # full jitter's earliest moment is "now"
        self.orders = shop.open_orders(Path(f"{folder}-orders.db"))
        self._names = (f"order-{number}" for number in count())

    def due_within(self, seconds: float, chance: Random) -> None:
        """From now on, let what is added fall due somewhere within so many seconds."""
        share = seconds / EXPONENTIAL.base
        self.desk = replace(self.desk, random=lambda: chance.random() * share)

    def add(self, number: int) -> None:
        """Report that many payments that could not be written."""
        for size in _chunks(number):
            names = list(islice(self._names, size))
            shop.reserve(self.orders, names)
            intake.receive_batch(self.desk, shop.unpaid(names), source=shop.SOURCE)

    def close(self) -> None:
        """Close the databases."""
        self.orders.close()
        self.desk.close()


class FloorBacklog:
    """Jobs of the floor."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.jobs = floor.open_jobs(folder / "jobs.db")
        self.orders = shop.open_orders(folder / "orders.db")
        self._names = (f"order-{number}" for number in count())

    def add(self, number: int) -> None:
        """Add that many jobs with their orders."""
        for size in _chunks(number):
            names = list(islice(self._names, size))
            shop.reserve(self.orders, names)
            floor.add(self.jobs, names)

    def close(self) -> None:
        """Close the databases."""
        self.orders.close()
        self.jobs.close()


def _chunks(number: int) -> list[int]:
    return [min(CHUNK, number - begun) for begun in range(0, number, CHUNK)]
