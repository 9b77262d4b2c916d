"""The proof: every report of a stub and every dead letter is at the desk, and the stock adds up."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from stubs.common.calls import Unreachable
from stubs.common.settings import service_of
from stubs.traffic.shop import REPORTING, Shop
from stubs.traffic.stocktaking import Stock, differences
from stubs.traffic.tally import Expected, Tally

FAILURES = "/api/v1/failures"
SHOWN = 5  # missing ones that a check names


Found = dict[tuple[str, str | None], bool | None]
"""By operation and order: stored, missing, or (None) still under way."""

WAITED = {True: "outboxes sent, queues drained", False: "the wait was given up", None: "told to end before"}


@dataclass
class Check:
    """A question with its answer; `ok` is None where it could not be asked."""

    name: str
    ok: bool | None
    detail: str


@dataclass
class Proof:
    """All that was found."""

    caused: Counter[str] = field(default_factory=Counter)  # by kind
    stored: Counter[str] = field(default_factory=Counter)
    scenarios_caused: Counter[str] = field(default_factory=Counter)
    scenarios_stored: Counter[str] = field(default_factory=Counter)
    checks: list[Check] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return all(check.ok is not False for check in self.checks)


def prove(shop: Shop, tally: Tally, since: dict[str, int], is_quiet: bool | None,
          told: Callable[[str], None]) -> Proof:
    """Look everything up that was caused; `is_quiet` is None when there was no time to wait for it."""
    proof = Proof()
    proof.checks.append(Check("nothing is under way any more", is_quiet, WAITED[is_quiet]))
    stored = _prove_reports(shop, since, proof, told)
    _prove_expected(shop, tally, proof, stored, absent=None if is_quiet is None else False)
    return proof


def _prove_reports(shop: Shop, since: dict[str, int], proof: Proof, told: Callable[[str], None]) -> Found:
    """Send every report once more: the desk must know it. Returns for each operation and order whether it did."""
    found: Found = {}
    missing = []
    for name in REPORTING:
        try:
            reports = [row for row in shop.reports(name, since[name]) if row["path"] == FAILURES]
        except Unreachable as error:
            proof.checks.append(Check(f"every report of {name} is stored", None, str(error)))
            continue
        told(f"looking {len(reports)} reports of {name} up")
        for row in reports:
            body = json.loads(row["body"])
            is_stored = None if row["state"] == "pending" else _is_known(shop, name, row)
            proof.caused[body["kind"]] += 1
            proof.stored[body["kind"]] += is_stored is True
            found[body["operation"], body.get("orderId")] = is_stored
            if is_stored is False:
                missing.append(f"{name} {row['key']} ({row['state']})")
    total = proof.caused.total()
    proof.checks.append(Check("every report of a stub is stored", not missing, _detail(total, missing)))
    return found


def _is_known(shop: Shop, name: str, row: dict[str, Any]) -> bool:
    token = shop.service_token(service_of(name))
    answer = shop.desk("POST", FAILURES, token, row["key"], row["body"].encode("ascii"))
    return answer.status == 200 and isinstance(answer.body, dict) and answer.body.get("id") == row["failureId"]


def _prove_expected(shop: Shop, tally: Tally, proof: Proof, stored: Found, absent: bool | None) -> None:
    token = _reading_token(shop)
    missing, unasked = [], 0
    for expected in tally.expected:
        if not expected.is_dead_letter:
            outcome = stored.get((expected.operation, expected.order_id), absent)
        else:
            outcome = _is_stored_dead_letter(shop, token, expected)
            outcome = absent if outcome is False else outcome
            if outcome is not True and _was_in_time(shop, expected):
                continue  # it was delivered before it could expire: nothing failed
            proof.caused["message"] += 1
            proof.stored["message"] += outcome is True
        proof.scenarios_caused[expected.scenario] += 1
        proof.scenarios_stored[expected.scenario] += outcome is True
        unasked += outcome is None
        if outcome is False:
            missing.append(f"{expected.scenario} of order {expected.order_id}")
    total = proof.scenarios_caused.total()
    proof.checks.append(Check("every failure that was caused is stored", not missing, _detail(total, missing)))
    if unasked:
        reason = f"{unasked} could not be looked up: still under way, or no token that may read"
        proof.checks.append(Check("every failure could be looked up", None, reason))


def _is_stored_dead_letter(shop: Shop, token: str | None, expected: Expected) -> bool | None:
    query = urlencode({"orderId": expected.order_id, "kind": "message"})
    answer = shop.desk("GET", f"{FAILURES}?{query}", token)
    if answer.status in (0, 401, 403):
        return None
    items = answer.body["items"] if answer.status == 200 else []
    return any(str(item.get("operation", "")).startswith(expected.operation) for item in items)


def _was_in_time(shop: Shop, expected: Expected) -> bool:
    return expected.scenario == "B2" and shop.order_status(expected.order_id) not in (None, "reserved")


def prove_stock(proof: Proof, before: Stock | None, after: Stock | None) -> None:
    """Add up what was there, what was taken, and what is there."""
    name = "stock = initial − applied, for every component"
    if before is None or after is None:
        proof.checks.append(Check(name, None, "the warehouse could not be asked"))
        return
    odd = [f"{key}: {due} due, {there} there" for key, (due, there) in differences(before, after).items()]
    proof.checks.append(Check(name, not odd, _detail(len(before.available), odd)))


def _reading_token(shop: Shop) -> str | None:
    if token := os.environ.get("DLO_ADMIN_TOKEN"):
        return token
    file = shop.settings.instance / "traffic_token"
    return file.read_text("utf-8").strip() if file.is_file() else None


def _detail(total: int, odd: list[str]) -> str:
    more = f" and {len(odd) - SHOWN} more" if len(odd) > SHOWN else ""
    return f"{total - len(odd)} of {total}" + (f"; missing or odd: {'; '.join(odd[:SHOWN])}{more}" if odd else "")
