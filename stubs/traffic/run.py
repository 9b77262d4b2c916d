"""The whole of a run: register, drive, wait, prove."""

import random
import sys
import time
from collections.abc import Sequence
from itertools import islice
from threading import Event
from typing import Any

from stubs.common.settings import PORTS
from stubs.traffic.driving import Drive
from stubs.traffic.orders import Goods
from stubs.traffic.proof import prove, prove_stock
from stubs.traffic.quiet import wait_until_quiet
from stubs.traffic.scenarios import draw_scenario, pay_next, serve
from stubs.traffic.shop import REPORTING, Shop
from stubs.traffic.stocktaking import components_of, register, take_stock
from stubs.traffic.table import as_json
from stubs.traffic.tally import Tally

GRACE = 3.0  # seconds for stubs and desk to come up
PATIENCE = 120.0  # seconds for all that is under way to arrive
TOLD_EVERY = 50  # orders between two words about them


class NotReachable(Exception):
    """A stub or the desk does not answer."""


def run(shop: Shop, goods: Goods, rate: float, faults: float, count: int | None, seed: int | None,
        stop: Event, first: Sequence[str] = ()) -> dict[str, Any]:
    """Drive orders at `rate` per second until they end or `stop` is set; return what the table shows.

    The first orders meet the faults that `first` names.

    Raises:
        NotReachable, NotRegistered: nothing could be driven.
    """
    _wait_for_everybody(shop, stop)
    register(shop, goods, tell)
    components = components_of(goods)
    before = take_stock(shop, components)
    since = {name: shop.last_report(name) for name in REPORTING}
    tally = Tally()
    drive = Drive(shop, tally, random.Random(seed), stop)
    _drive(drive, goods, rate, faults, count, first)
    for name in PORTS:
        shop.clear(name)
    is_quiet: bool | None = wait_until_quiet(shop, since, PATIENCE, stop, tell)
    if stop.is_set() and not is_quiet:
        is_quiet = None  # told to end, we end: what is still under way is not missing
    proof = prove(shop, tally, since, is_quiet, tell)
    prove_stock(proof, before, take_stock(shop, components))
    return as_json(goods, tally, proof, shop.unanswered)


def tell(words: str) -> None:
    """Tell how far it is, beside the table."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _wait_for_everybody(shop: Shop, stop: Event) -> None:
    end = time.monotonic() + GRACE
    while missing := shop.unreachable():
        if time.monotonic() >= end or stop.wait(0.5):
            raise NotReachable(missing)
    shop.unanswered = 0


def _drive(drive: Drive, goods: Goods, rate: float, faults: float, count: int | None, first: Sequence[str]) -> None:
    start = time.monotonic()
    for number, order in enumerate(islice(goods.orders, count)):
        while not drive.stop.is_set() and time.monotonic() < start + number / rate:
            if not pay_next(drive):
                drive.stop.wait(min(0.1, max(0.0, start + number / rate - time.monotonic())))
        if drive.stop.is_set():
            return
        serve(drive, order, first[number] if number < len(first) else draw_scenario(drive, faults))
        pay_next(drive)
        if (number + 1) % TOLD_EVERY == 0:
            tell(f"{number + 1} orders")
    while drive.unpaid and not drive.stop.is_set():
        if not pay_next(drive):
            drive.stop.wait(0.1)
