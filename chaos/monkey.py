"""Who breaks things: kills, failing writes, a service that answers 503; one strike after another, by the seed."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random

from sqlalchemy.exc import SQLAlchemyError

from chaos.fleet import Fleet
from chaos.places import Server
from chaos.receiver import Receiver
from storage import Store
from tests.factories import break_writes, mend_writes

STRIKE_SECONDS = 0.35  # between two strikes, on average
ILL_SECONDS = (0.5, 3.0)
AWAY_SECONDS = (0.2, 1.5)
WEIGHTS = {"worker": 50, "consumer": 26, "web's child": 8, "web": 4, "writes": 6, "receiver": 3, "server": 3}


class Monkey:
    """Strikes; `faults` counts all that it did, `kills` the processes among it."""

    def __init__(
        self, servers: Sequence[Server], fleet: Fleet, receiver: Receiver, tables: dict[str, Store], chance: Random
    ) -> None:
        self._servers, self._fleet, self._receiver = servers, fleet, receiver
        self._tables, self._chance = tables, chance
        self._ill: dict[str, tuple[float, Callable[[], None]]] = {}
        self._pool, self._bouncing = ThreadPoolExecutor(1), Future[None]()
        self._bouncing.set_result(None)
        self.faults = self.kills = 0

    def rage(self, seconds: float) -> None:
        """Strike again and again for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self._chance.expovariate(1 / STRIKE_SECONDS))
            self._fleet.keep_up()
            self._heal(time.monotonic())
            self._strike(self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])

    def rest(self) -> None:
        """Lift every fault that is left."""
        self._bouncing.result()
        while self._ill:
            self._heal(float("inf"))
        self._fleet.keep_up()

    def close(self) -> None:
        """Wait for a server that is just starting, so that it can be ended."""
        self._pool.shutdown()

    def _strike(self, victim: str) -> None:
        match victim:
            case "web's child":
                self._count(self._fleet.kill_child("web-0", self._chance.randrange(100)))
            case "server":
                self._bounce()
            case "writes":
                table, store = self._chance.choice(list(self._tables.items()))
                self._sicken(table, lambda: _breaking(store, table), lambda: _mending(store, table))
            case "receiver":
                self._sicken("receiver", lambda: self._set_ill(True), lambda: self._set_ill(False))
            case _:
                self._fleet.kill(self._chance.choice(self._fleet.names(victim)))
                self._count(True)

    def _count(self, was_killed: bool) -> None:
        self.kills += was_killed
        self.faults += was_killed

    def _bounce(self) -> None:
        """Kill a server, one at a time: its start takes longer than the next strike."""
        if self._servers and self._bouncing.done():
            self._bouncing.result()
            server, away = self._chance.choice(self._servers), self._chance.uniform(*AWAY_SECONDS)
            self._bouncing = self._pool.submit(_bounce, server, away)
            self._count(True)

    def _sicken(self, name: str, begin: Callable[[], None], end: Callable[[], None]) -> None:
        if name in self._ill:
            return
        try:
            begin()
        except SQLAlchemyError:
            return  # it is away altogether
        self.faults += 1
        self._ill[name] = (time.monotonic() + self._chance.uniform(*ILL_SECONDS), end)

    def _heal(self, now: float) -> None:
        for name, (until, end) in list(self._ill.items()):
            if until <= now:
                try:
                    end()
                except SQLAlchemyError:
                    continue  # it is away: at the next look
                del self._ill[name]

    def _set_ill(self, is_ill: bool) -> None:
        self._receiver.is_ill = is_ill


def _bounce(server: Server, away: float) -> None:
    server.kill()
    time.sleep(away)
    server.start()


def _breaking(store: Store, table: str) -> None:
    with store.connect() as connection:
        break_writes(connection, table)


def _mending(store: Store, table: str) -> None:
    with store.connect() as connection:
        mend_writes(connection, table)
