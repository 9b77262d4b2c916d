"""`python -m stubs.traffic`: orders through every flow, with faults on the way; `--help` tells the options."""

import argparse
import json
import logging
import math
import os
import signal
import sys
from pathlib import Path
from threading import Event

from stubs.common.settings import SettingError, read_settings
from stubs.traffic.furniture import furniture
from stubs.traffic.retail import UnusableFile, read_retail
from stubs.traffic.run import NotReachable, run
from stubs.traffic.scenarios import SCENARIOS
from stubs.traffic.shop import Shop
from stubs.traffic.stocktaking import NotRegistered
from stubs.traffic.table import as_text

GENTLE, BRISK = 0.5, 5.0  # orders per second: without an end, and with one


def main() -> int:
    """Drive traffic; the exit status is 1 when a failure is missing and 2 when nothing could be driven."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    options = _options()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        goods = read_retail(options.orders) if options.orders else furniture(options.seed)
        shop = Shop(read_settings("orders", os.environ))
        is_endless = options.orders is None and options.count is None
        rate = options.rate or (GENTLE if is_endless else BRISK)
        found = run(shop, goods, rate, options.faults, options.count, options.seed, stop, options.first)
    except (SettingError, UnusableFile, NotReachable, NotRegistered, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    print(as_text(found))
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    return 0 if found["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stubs.traffic", description="Drive orders through every flow.")
    parser.add_argument("--orders", type=Path, metavar="FILE.csv", help="real orders instead of made-up ones")
    parser.add_argument("--rate", type=_positive, metavar="N", help="orders per second")
    parser.add_argument("--faults", type=_share, default=0.0, metavar="P", help="share of orders with a fault, 0–1")
    parser.add_argument("--count", type=int, metavar="N", help="how many orders; without it and a file: no end")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there as JSON")
    parser.add_argument("--seed", type=int, metavar="N", help="the same orders and faults again")
    parser.add_argument("--first", type=_scenarios, metavar="NAMES", default=(),
                        help="faults that the first orders meet, such as B5b,A7b,C3")
    return parser.parse_args()


def _scenarios(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: known are {', '.join(SCENARIOS)}")
    return names


def _positive(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
