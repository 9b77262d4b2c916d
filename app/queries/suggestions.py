"""What a person may mean by the first characters of something, at a cost that does not grow with what is stored."""

import json
import re
from collections import Counter as Tally
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain.masking import masked_text
from app.domain.text import clean
from app.ids import is_id
from app.models.failure import Failure
from app.models.group import Group
from app.queries.counts import Count
from app.queries.search import begins_with

SHORTEST = 2  # characters: what is shorter is still being typed
MOST = 5  # of each kind
LOOKED_AT = 200  # entries of an index
NEWEST = 500  # failures and groups whose texts are read
ORDER, CLIENT, MESSAGE, PRODUCT, CAUSE, FAILURE = "order", "client", "message", "product", "cause", "failure"
BEGINNING = 4_000  # characters of each that are read: somebody is typing
_NAMED = re.compile(r'"(?:productId|componentId)":\s*("(?:[^"\\]|\\.)*")')
_PRODUCT = re.compile(r"\b(?:product|component) '?([^\s',;]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Suggestion:
    """Something that is known by this name; `number`: how many failures have to do with it, where that is known."""

    kind: str
    name: str
    number: Count | None = None
    id: str | None = None


def suggestions(session: Session, text: str) -> list[Suggestion]:
    """Return what begins with a text (ids) or holds it (products, components and causes that struck lately)."""
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    if is_id(text):
        found = session.scalar(select(Failure.id).where(Failure.id == text.lower()))
        return [Suggestion(FAILURE, found, id=found)] if found else []
    return [
        *_ids(session, ORDER, Failure.order_id, text), *_ids(session, CLIENT, Failure.client_id, text),
        *_ids(session, MESSAGE, Failure.message_id, text), *_products(session, text), *_causes(session, text),
    ]


def _ids(session: Session, kind: str, column: InstrumentedAttribute[Any], text: str) -> list[Suggestion]:
    entries = session.scalars(
        select(column).where(begins_with(column, text)).order_by(column, Failure.created_at).limit(LOOKED_AT + 1)
    ).all()
    names = Tally(entries)
    last = entries[LOOKED_AT] if len(entries) > LOOKED_AT else None  # there may be more of this one
    shown = [name for name in names if masked_text(name) == name]
    return [Suggestion(kind, name, Count(min(names[name], LOOKED_AT), name == last)) for name in shown[:MOST]]


def _products(session: Session, text: str) -> list[Suggestion]:
    newest = (
        select(func.substr(Failure.error_message, 1, BEGINNING).label("error_message"),
               func.substr(cast(Failure.remedy, String), 1, BEGINNING).label("remedy"))
        .order_by(Failure.created_at.desc(), Failure.id.desc()).limit(NEWEST).subquery()
    )
    told = (newest.c.error_message, newest.c.remedy)
    rows = session.execute(select(*told).where(or_(*(column.icontains(text, autoescape=True) for column in told))))
    names: Tally[str] = Tally()
    for row in rows:
        written = (clean(json.loads(name)) for name in _NAMED.findall(row.remedy or ""))
        names.update({*_PRODUCT.findall(row.error_message), *written})
    wanted = text.casefold()
    return [Suggestion(PRODUCT, name) for name, _ in names.most_common()
            if wanted in name.casefold() and masked_text(name) == name][:MOST]


def _causes(session: Session, text: str) -> list[Suggestion]:
    newest = select(Group.id, Group.title).order_by(Group.id.desc()).limit(NEWEST).subquery()
    rows = session.execute(
        select(newest.c.id, newest.c.title).where(newest.c.title.icontains(text, autoescape=True)).limit(MOST)
    )
    return [Suggestion(CAUSE, masked_text(row.title), id=row.id) for row in rows]
