"""Every page of a desk with very many failures, beside the same page of a desk with 10,000."""

import time
from collections.abc import Callable

from bench.grounds import Ground
from bench.lives import NUMBER
from bench.rounds import Round, Series, in_turns
from bench.table import Line
from bench.visitors import Visitor

MANY, MANY_QUICK = {"sqlite": 200_000, "postgresql": 1_000_000}, 50_000
LONGEST = {"sqlite": 200, "postgresql": 100}  # ms
GROWTH = 1.5
ROUNDS, ROUNDS_QUICK = 3, 1  # of each address, asked once of every example

# How a page may be asked, beyond its bare address; what stands in braces is an example from the desk.
ASKED = {
    "/failures": (
        "?status=resolved", "?status=review&source=orders", "?source=orders&kind=message", "?q={order_id}",
        "?q={client_id}", "?q={word}", "?q=nothing-like-it", "?orderId={order_id}", "?assignee=operator",
        "?unassigned=1", "?since={day}", "?until={day}", "?operation=reserve", "?cursor={cursor}",
        "?operation=nothing.like.it", "?source=shipping&kind=db_write", "?source=orders&operation=reserve",
        "?status=review&operation=nothing.like.it", "?olderThanMinutes=60", "?assignee=nobody", "?queue={name}",
        "?putRightSince={day}",
    ),
    "/review": ("?q={order_id}", "?q={word}", "?unassigned=1", "?overdue=1", "?source=payments", "?assignee=operator",
        "?dueWithinMinutes=60", "?source=orders&operation=reserve"),
    "/groups": ("?open=1", "?source=orders"),
    "/groups/<group_id>": ("?status=resolved", "?q={word}"),
    "/queues/<name>": ("?q={order_id}",),
    "/search": ("?q={word}", "?q={order_id}"),
    "/trend": ("?trend=week",),
}


def measure(ground: Ground, rounds: int, quick: bool) -> list[Line]:
    """Fill both desks and open each address of both in turns; the floor is the small one's 95th percentile, in ms."""
    small = Visitor(ground, "small", NUMBER)
    engine = small.desk.store.engine.dialect.name
    large = Visitor(ground, "large", MANY_QUICK if quick else MANY[engine])
    lines = [
        _line(f"{page}{asked}", in_turns({"floor": _opening(small, page, asked), "ours": _opening(large, page, asked)},
                                         ROUNDS_QUICK if quick else ROUNDS))
        for page in small.addresses[0] for asked in ("", *ASKED.get(page, ()))
    ]
    slowest = max(line.ours for line in lines)
    return [*lines, Line("the slowest of all", slowest, most=LONGEST[engine], decimals=1)]


def _opening(visitor: Visitor, page: str, asked: str) -> Callable[[], Round]:
    def opened() -> Round:
        begun = time.monotonic()
        taken = [visitor.open(page, asked, number) for number in range(len(visitor.addresses))]
        return Round(len(taken), time.monotonic() - begun, taken)

    return opened


def _line(what: str, measured: dict[str, Series]) -> Line:
    return Line(what, measured["ours"].p95 * 1000, measured["floor"].p95 * 1000, most=GROWTH, decimals=1)
