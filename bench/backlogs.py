"""Backlogs of order statuses to be written: a desk's, and the floor's."""

from dataclasses import replace
from itertools import count, islice
from random import Random
from typing import Protocol

from app.domain.retry_policy import EXPONENTIAL
from app.services import intake
from bench import shop
from bench.desks import Place
from bench.floors import retries as floor
from bench.grounds import Ground

CHUNK = 1000


class Backlog(Protocol):
    """Work that is due, as much as there was at the start however much is done."""

    def add(self, number: int) -> None:
        """Add that much."""

    def close(self) -> None:
        """Close the databases."""


class DeskBacklog:
    """Failures of a desk, all due at once."""

    def __init__(self, ground: Ground, name: str) -> None:
        orders = ground.database(f"{name}-orders")
        self.place: Place = ground.desk(name, ORDERS_DATABASE_URL=orders)
        self.desk = replace(self.place.open(), random=lambda: 0.0)  # full jitter's earliest moment is "now"
        self.orders = shop.open_orders(orders)
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

    def __init__(self, ground: Ground, name: str = "floor") -> None:
        self.urls = ground.database(f"{name}-jobs"), ground.database(f"{name}-orders")
        self.jobs, self.orders = floor.open_jobs(self.urls[0]), shop.open_orders(self.urls[1])
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
