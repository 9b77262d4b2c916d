"""Measure the desk beside Celery and Dramatiq: `python -m bench.peers [--tasks N] [--kills K]`."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.peers import race
from bench.peers.contestants import PROCESSES, Contestant, Desk, celery, dramatiq
from bench.peers.orders import Orders, Tally
from tests.messaging.rabbitmq_node import RabbitNode, running_node
from tests.postgresql import Server, serving

TASKS, KILLS = 4000, 5


@dataclass(frozen=True)
class Result:
    """What a contestant did undisturbed, and under kills."""

    name: str
    calm: Tally
    killed: Tally


def main() -> int:
    """Let them work one after the other; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--tasks", type=int, default=TASKS)
    parser.add_argument("--kills", type=int, default=KILLS)
    chosen = parser.parse_args()
    peers = [celery(), dramatiq()]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; {chosen.tasks:,} updates each,"
          f" {PROCESSES} processes each, PostgreSQL with fsync, RabbitMQ; then the same with {chosen.kills} SIGKILLs")
    with TemporaryDirectory() as folder, serving(durable=True) as server, running_node(Path(folder) / "node") as node:
        contest = _Contest(server, node, Path(folder), chosen.tasks, chosen.kills)
        results = [contest.measure(Desk(server.create())), *map(contest.measure, peers)]
    return _show(results)


class _Contest:
    def __init__(self, server: Server, node: RabbitNode, folder: Path, tasks: int, kills: int) -> None:
        self.server, self.node, self.folder, self.tasks, self.kills = server, node, folder, tasks, kills

    def measure(self, contestant: Contestant) -> Result:
        return Result(contestant.name, self._run(contestant, 0), self._run(contestant, self.kills))

    def _run(self, contestant: Contestant, kills: int) -> Tally:
        name = f"{contestant.name.partition(' ')[0]}-{kills}"
        if isinstance(contestant, Desk):
            contestant = Desk(self.server.create())
        orders = Orders(self.server.create(), self.tasks)
        command = contestant.give(orders, self.node.url, self.folder / name)
        with race.running(command, self.folder / f"{name}.log") as group:
            tally = race.work_off(group, orders, kills, contestant.quiet)
        orders.close()
        return tally


def _show(results: list[Result]) -> int:
    columns = f"{'not run':>10}{'twice':>8}"
    print(f"\n{'':<20}{'per second':>12}{columns}   under kills:{columns}{'took, s':>10}")
    for each in results:
        print(f"{each.name:<20}{each.calm.rate:>12,.0f}{each.calm.missing:>10}{each.calm.twice:>8}{'':>15}"
              f"{each.killed.missing:>10}{each.killed.twice:>8}{each.killed.seconds:>10.0f}")
    ours, theirs = results[:2]
    goals = {
        f"our rate ≥ {theirs.name}'s": ours.calm.rate >= theirs.calm.rate,
        "ours: 0 not run, 0 run twice": not (ours.killed.missing or ours.killed.twice),
    }
    for goal, met in goals.items():
        print(f"{goal}: {'met' if met else 'MISSED'}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
