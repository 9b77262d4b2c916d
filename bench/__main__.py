"""Measure everything, or the subjects named: `python -m bench [--quick] [--engine postgresql] [subject …]`."""

import argparse
import os
from collections.abc import Callable

from bench.grounds import ENGINES, Ground, ground, grounds
from bench.subjects import amqp, intake, pages, retries, worker, workers
from bench.table import Line, show

SUBJECTS: dict[str, tuple[str, Callable[[Ground, int, bool], list[Line]]]] = {
    "intake": ("Intake over HTTP", intake.measure),
    "retries": ("Retries", retries.measure),
    "worker": ("The worker process", worker.measure),
    "workers": ("Several worker processes", workers.measure),
    "amqp": ("Intake through RabbitMQ", amqp.measure),
    "pages": ("Pages, p95 in ms, with very many failures; floor: with 10,000", pages.measure),
}


def main() -> None:
    """Measure the chosen subjects, or all, and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], help="all unless given")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under a minute, and rougher")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite", help="what all databases are on")
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; medians over rounds taken in turns; "
          f"databases on {chosen.engine}")
    with grounds(chosen.engine) as make:
        for name in chosen.subjects or SUBJECTS:
            title, measure = SUBJECTS[name]
            with ground(make) as here:
                print(show(title, measure(here, 3 if chosen.quick else 9, chosen.quick)), flush=True)


if __name__ == "__main__":
    main()
