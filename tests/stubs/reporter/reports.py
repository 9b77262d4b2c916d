"""Reports, and what became of them."""

from reporter import Problem, Reporter


def report(reporter: Reporter, name: str, **options: object) -> bool:
    odd = Problem("Odd", name)
    return reporter.report(odd, operation="stock.decrement", kind="db_write", key=name, **options)


def states(reporter: Reporter) -> dict[str, str]:
    return {row.key: row.state for row in reporter.outbox.rows()}


def all_sent(reporter: Reporter) -> bool:
    return set(states(reporter).values()) == {"sent"}
