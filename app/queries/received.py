"""How many failures came in, by source and kind: from the groups' tallies, which are kept exact."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.group import Group, GroupTally


def by_source_and_kind(session: Session) -> list[tuple[str, str, int]]:
    """Return (source, kind, number) of everything ever received."""
    rows = session.execute(
        select(Group.source, Group.kind, func.sum(GroupTally.total))
        .join(GroupTally, GroupTally.group_id == Group.id)
        .group_by(Group.source, Group.kind)
    )
    return [(source, kind, int(number)) for source, kind, number in rows]
