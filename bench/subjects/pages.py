"""Every page of a desk with very many failures, beside the same page of a desk with 10,000."""

from bench.grounds import Ground
from bench.lives import NUMBER
from bench.rounds import percentile
from bench.table import Line
from bench.visitors import Visitor

MANY, MANY_QUICK = {"sqlite": 200_000, "postgresql": 1_000_000}, 50_000
LONGEST = {"sqlite": 200, "postgresql": 100}  # ms
GROWTH = 1.5
DEMO = "/tour"  # is there with demo traffic alone
TRIES, TRIES_QUICK = 4, 2  # of each address

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
    """Fill both desks and open each address of both; the figures are 95th percentiles over the examples, in ms."""
    small = Visitor(ground, "small", NUMBER)
    engine = small.desk.store.engine.dialect.name
    large = Visitor(ground, "large", MANY_QUICK if quick else MANY[engine])
    tries = TRIES_QUICK if quick else TRIES
    lines = [
        _line(small, large, page, asked, tries)
        for page in small.addresses[0] if page != DEMO for asked in ("", *ASKED.get(page, ()))
    ]
    slowest = max(line.ours for line in lines)
    return [*lines, Line("the slowest of all", slowest, most=LONGEST[engine], decimals=1)]


def _line(small: Visitor, large: Visitor, page: str, asked: str, tries: int) -> Line:
    """Ask both in turns for every example; of each the fastest try counts, for the rest is the machine's noise."""
    taken: dict[Visitor, list[list[float]]] = {
        visitor: [[] for _ in visitor.addresses] for visitor in (small, large)
    }
    for _ in range(tries):
        for visitor, examples in taken.items():
            for number, times in enumerate(examples):
                times.append(visitor.open(page, asked, number))
    floor, ours = (percentile([min(times) for times in taken[visitor]], 0.95) * 1000 for visitor in (small, large))
    return Line(f"{page}{asked}", ours, floor, most=GROWTH, decimals=1)
