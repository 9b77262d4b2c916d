"""Whether people had a part in how a failure was put right: the one rule behind every figure "by hand"."""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, exists
from sqlalchemy.orm import aliased

from app.domain.status import Action
from app.models.history import Event

Column = SQLColumnExpression[Any]
ASKED = (Action.RETRY, "replay")


def by_hand(failure_id: Column, event_id: Column, action: Column) -> ColumnElement[bool]:
    """Return the condition that a person resolved a failure, or had asked for a retry or corrected it before."""
    earlier = aliased(Event)
    asked = exists().where(earlier.failure_id == failure_id, earlier.id < event_id, earlier.action.in_(ASKED))
    return (action == Action.RESOLVE) | asked
