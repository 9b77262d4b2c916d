"""The table at the end, for people and as JSON."""

from typing import Any

from stubs.traffic.orders import Goods
from stubs.traffic.proof import Proof
from stubs.traffic.scenarios import SCENARIOS
from stubs.traffic.tally import Tally

ANSWERS = {"200": "added", "202": "not enough in stock", "404": "product unknown", "500": "come back later"}
WORDS = {True: "yes", False: "NO", None: "not checked"}


def as_json(goods: Goods, tally: Tally, proof: Proof, unanswered: int) -> dict[str, Any]:
    """Return everything that the table shows."""
    return {
        "orders": dict(tally.orders), "linesRead": goods.lines, "linesNotOrderable": dict(goods.unorderable),
        "productsAdded": dict(tally.additions), "payments": tally.payments, "neverReserved": tally.unpaid,
        "callsWithoutAnswer": unanswered,
        "scenarios": {
            name: {"what": SCENARIOS[name].what, "run": tally.scenarios[name],
                   "failures": proof.scenarios_caused[name], "stored": proof.scenarios_stored[name]}
            for name in SCENARIOS if tally.scenarios[name]
        },
        "failuresByKind": {kind: {"caused": number, "stored": proof.stored[kind]}
                           for kind, number in sorted(proof.caused.items())},
        "checks": [vars(check) for check in proof.checks],
        "ok": proof.holds,
    }


def as_text(found: dict[str, Any]) -> str:
    """Write it as a table."""
    rows: list[tuple[str, object]] = [(f"orders {name}", number) for name, number in found["orders"].items()]
    if found["linesRead"]:
        rows.append(("lines read", found["linesRead"]))
        rows += [(f"lines not orderable: {reason}", n) for reason, n in found["linesNotOrderable"].items()]
    rows += [(f"products: {ANSWERS.get(status, status)} ({status})", number)
             for status, number in sorted(found["productsAdded"].items())]
    rows += [("payments", found["payments"]), ("orders never reserved, so not paid", found["neverReserved"]),
             ("calls without an answer", found["callsWithoutAnswer"])]
    lines = [f"{name:<58}{number:>8}" for name, number in rows]
    lines += ["", f"{'fault':<50}{'run':>6}{'failures':>10}{'stored':>8}"]
    lines += [f"{name + ' ' + row['what']:<50}{row['run']:>6}{row['failures']:>10}{row['stored']:>8}"
              for name, row in found["scenarios"].items()]
    lines += ["", f"{'failures by kind':<50}{'caused':>10}{'stored':>8}"]
    lines += [f"{kind:<50}{row['caused']:>10}{row['stored']:>8}" for kind, row in found["failuresByKind"].items()]
    lines += ["", *(f"{WORDS[check['ok']]:<12}{check['name']}: {check['detail']}" for check in found["checks"])]
    return "\n".join(lines)
