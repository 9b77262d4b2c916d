"""How many failures came in, by source and kind: from the groups' tallies, which are kept exact."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.group import Group, GroupTally

MOST_SOURCES = 100
OTHERS = "(others)"


def by_source_and_kind(session: Session, most: int = MOST_SOURCES) -> dict[tuple[str, str], int]:
    """Return the number of everything ever received by (source, kind).

    The first `most` sources that were ever seen have names, for good; all later ones are one.
    """
    seen_at = func.min(Group.first_seen)
    rows = session.execute(
        select(Group.source, Group.kind, func.sum(GroupTally.total))
        .join(GroupTally, GroupTally.group_id == Group.id)
        .group_by(Group.source, Group.kind)
        .order_by(seen_at, Group.source, Group.kind)
    )
    named: set[str] = set()
    numbers: Counter[tuple[str, str]] = Counter()
    for source, kind, number in rows:
        if len(named) < most:
            named.add(source)
        numbers[source if source in named else OTHERS, kind] += int(number)
    return dict(numbers)
