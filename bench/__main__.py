"""Measure everything: `python -m bench [--quick] [intake] [retries] [worker] [amqp]`."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.subjects import amqp, intake, retries, worker
from bench.table import Line, show

SUBJECTS: dict[str, tuple[str, Callable[[Path, int, bool], list[Line]]]] = {
    "intake": ("Intake over HTTP", intake.measure),
    "retries": ("Retries", retries.measure),
    "worker": ("The worker process", worker.measure),
    "amqp": ("Intake through RabbitMQ", amqp.measure),
}


def main() -> None:
    """Measure the chosen subjects, or all, and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], help="all unless given")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under a minute, and rougher")
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; medians over rounds taken in turns")
    for name in chosen.subjects or SUBJECTS:
        title, measure = SUBJECTS[name]
        with TemporaryDirectory() as folder:
            print(show(title, measure(Path(folder), 3 if chosen.quick else 9, chosen.quick)), flush=True)


if __name__ == "__main__":
    main()
