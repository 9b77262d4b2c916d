"""Which orders a lost one may be: pure comparison, with its reasons in words."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapidfuzz.distance import OSA

LONGEST_ID = 40  # characters; near misses of longer ids are not spelled out
WORTH_SHOWING = 0.2
SURE, CLEARLY = 0.6, 0.05  # from which score on, and with which lead, one order is proposed before the others
SOON = timedelta(hours=1)
SAME_DAY = timedelta(days=1)

# How much one likeness alone is worth; several add up as independent evidence does: 1 - (1 - a)(1 - b)…
SAME_ID, SPELLED_DIFFERENTLY, ONE_OFF, TWO_OFF = 1.0, 0.9, 0.6, 0.35
SAME_CLIENT, SAME_AMOUNT, SAME_PRODUCTS, SOME_PRODUCTS = 0.5, 0.35, 0.3, 0.15
AT_ONCE, ON_THE_DAY = 0.2, 0.1


@dataclass(frozen=True)
class Order:
    """What is compared: of the lost order as much as its failure tells, of a stored one all."""

    order_id: str | None
    client_id: str | None = None
    amount: float | None = None
    products: frozenset[str] = field(default_factory=frozenset)
    at: datetime | None = None


@dataclass(frozen=True)
class Likeness:
    """How surely two orders are the same, from 0 to 1, and why."""

    score: float
    why: tuple[str, ...]


def likeness(lost: Order, found: Order) -> Likeness:
    """Compare a lost order with one that exists."""
    evidence = [
        item
        for item in (_ids(lost, found), _clients(lost, found), _amounts(lost, found), _products(lost, found),
                     _times(lost, found))
        if item is not None
    ]
    doubt = 1.0
    for weight, _ in evidence:
        doubt *= 1 - weight
    return Likeness(round(1 - doubt, 2), tuple(why for _, why in evidence))


def stands_out(scores: Sequence[float]) -> bool:
    """Tell whether the first of the scores, the highest, leaves the others clearly behind."""
    return bool(scores) and scores[0] >= SURE and (len(scores) == 1 or scores[0] - scores[1] >= CLEARLY)


def near_misses(order_id: str) -> set[str]:
    """Spell out every id that one slip turns into this one: a swap, a missing, a surplus or a wrong character."""
    spellings = {order_id, order_id.upper(), order_id.lower(), order_id.strip(), _plain(order_id)}
    spellings |= {re.sub(r"\D", "", order_id), order_id.lstrip("0")}
    if len(order_id) <= LONGEST_ID:
        alphabet = set(string.digits) | set(order_id)
        cuts = [(order_id[:place], order_id[place:]) for place in range(len(order_id) + 1)]
        spellings |= {head + tail[1:] for head, tail in cuts if tail}
        spellings |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
        spellings |= {head + other + tail[1:] for head, tail in cuts if tail for other in alphabet}
        spellings |= {head + other + tail for head, tail in cuts for other in alphabet}
    return spellings - {""}


def _ids(lost: Order, found: Order) -> tuple[float, str] | None:
    one, other = lost.order_id, found.order_id
    if not one or not other:
        return None
    if one == other:
        return SAME_ID, "the same order id"
    if _plain(one) == _plain(other):
        return SPELLED_DIFFERENTLY, "the same order id, written differently"
    distance = OSA.distance(one, other, score_cutoff=2)
    if distance == 1:
        return ONE_OFF, _slip(one, other)
    return (TWO_OFF, "the order ids differ in two places") if distance == 2 and min(len(one), len(other)) > 4 else None


def _slip(lost: str, found: str) -> str:
    if len(lost) < len(found):
        return "the order id lacks one character"
    if len(lost) > len(found):
        return "the order id has one character too many"
    if sorted(lost) == sorted(found):
        return "two neighbouring characters of the order id are swapped"
    return "one character of the order id differs"


def _clients(lost: Order, found: Order) -> tuple[float, str] | None:
    return (SAME_CLIENT, "the same client") if lost.client_id and lost.client_id == found.client_id else None


def _amounts(lost: Order, found: Order) -> tuple[float, str] | None:
    if lost.amount is None or found.amount is None or abs(lost.amount - found.amount) >= 0.005:
        return None
    return SAME_AMOUNT, "the same amount"


def _products(lost: Order, found: Order) -> tuple[float, str] | None:
    if not lost.products & found.products:
        return None
    if lost.products == found.products:
        return SAME_PRODUCTS, "the same products"
    return SOME_PRODUCTS, "some of the same products"


def _times(lost: Order, found: Order) -> tuple[float, str] | None:
    if lost.at is None or found.at is None:
        return None
    apart = abs(lost.at - found.at)
    if apart <= SOON:
        return AT_ONCE, "created within the hour"
    return (ON_THE_DAY, "created within a day") if apart <= SAME_DAY else None


def _plain(order_id: str) -> str:
    return re.sub(r"[\W_]", "", order_id).casefold().lstrip("0")
