"""What a stub is given, and what it gives back to be run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from flask import Flask

from messaging import Broker, shop_topology
from reporter import Reporter
from storage import Store
from stubs.common.faults import Faults
from stubs.common.settings import Settings

Loop = Callable[[Event], None]
"""Runs in a thread of its own until the event is set."""


@dataclass
class Context:
    """The surroundings of one stub; `stop` is set when the process is to end."""

    settings: Settings
    store: Store
    broker: Broker
    reporter: Reporter
    faults: Faults
    stop: Event = field(default_factory=Event)

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def scale(self) -> float:
        return self.settings.retry_scale

    @property
    def call_timeout(self) -> float:
        """Return the seconds after which a call to another stub is given up."""
        return max(0.5, 2.0 * self.scale)

    def pause(self, seconds: float) -> None:
        """Wait between two tries, no longer than until the process is to end."""
        self.stop.wait(seconds)

    def delivery_limit(self, queue: str) -> int:
        """Return how often a message of a queue is delivered before it goes to the dead-letter queue."""
        return shop_topology(self.scale)[queue].delivery_limit or 1


@dataclass
class Stub:
    """A stub ready to run: its web application, and what it does besides."""

    app: Flask
    loops: list[Loop] = field(default_factory=list)
