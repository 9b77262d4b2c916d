"""Every page of a desk with very many failures, beside the same page of a desk with 10,000."""

from bench.grounds import Ground
from bench.lives import NUMBER
from bench.rounds import percentile
from bench.table import Line
from bench.visitors import Visitor

MANY, MANY_QUICK = {"sqlite": 200_000, "postgresql": 1_000_000}, 50_000
LONGEST = {"sqlite": 200, "postgresql": 100}  # ms
GROWTH = 1.5
TRIES, TRIES_QUICK = 72, 24  # of each address

# How a page may be asked, beyond its bare address; what stands in braces is an example from the desk.
ASKED = {
    "/failures": (
        "?status=resolved", "?status=review&source=orders", "?source=orders&kind=message", "?q={order_id}",
        "?q={client_id}", "?q={word}", "?q=nothing-like-it", "?orderId={order_id}", "?assignee=operator",
        "?unassigned=1", "?since={day}", "?until={day}", "?operation=reserve", "?cursor={cursor}",
    ),
    "/review": ("?q={order_id}", "?q={word}", "?unassigned=1", "?overdue=1", "?source=payments", "?assignee=operator"),
    "/groups": ("?open=1", "?source=orders"),
    "/groups/<group_id>": ("?status=review", "?q={word}"),
    "/trend": ("?trend=week",),
}


def measure(ground: Ground, rounds: int, quick: bool) -> list[Line]:
    """Fill both desks, then open each address of both in turns; the floor is the small one's 95th percentile, in ms."""
    small = Visitor(ground, "small", NUMBER)
    engine = small.desk.store.engine.dialect.name
    large = Visitor(ground, "large", MANY_QUICK if quick else MANY[engine])
    lines = [
        _line(small, large, page, asked, TRIES_QUICK if quick else TRIES)
        for page in small.addresses[0] for asked in ("", *ASKED.get(page, ()))
    ]
    slowest = max(line.ours for line in lines)
    return [*lines, Line("the slowest of all, ms", slowest, most=LONGEST[engine], decimals=1)]


def _line(small: Visitor, large: Visitor, page: str, asked: str, tries: int) -> Line:
    taken: dict[Visitor, list[float]] = {small: [], large: []}
    for number in range(tries):
        for visitor, times in taken.items():
            times.append(visitor.open(page, asked, number))
    ours, floor = (percentile(taken[visitor], 0.95) * 1000 for visitor in (large, small))
    return Line(f"{page}{asked}", ours, floor, most=GROWTH, decimals=1)
