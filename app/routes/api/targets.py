"""Look at targets; pause, resume and probe them."""

from collections.abc import Callable
from typing import Any

from app.domain.permissions import Permission
from app.queries import targets as target_queries
from app.routes.api.endpoint import Answer, endpoint
from app.routes.api.schemas.desk import TargetItem, TargetList
from app.routes.api.tokens import Principal
from app.routes.context import current_desk
from app.services import targets


@endpoint("/targets", needs=Permission.READ, answers=TargetList)
def list_targets(principal: Principal) -> Answer:
    """List the targets."""
    return TargetList(items=[TargetItem.of(row) for row in target_queries.listed(current_desk())])


@endpoint("/targets/<name>/pause", method="POST", needs=Permission.TARGETS, answers=TargetItem)
def pause_target(principal: Principal, name: str) -> Answer:
    """Hold everything that waits for it."""
    return _acted(targets.pause, principal, name)


@endpoint("/targets/<name>/resume", method="POST", needs=Permission.TARGETS, answers=TargetItem)
def resume_target(principal: Principal, name: str) -> Answer:
    """Let its work go on."""
    return _acted(targets.resume, principal, name)


@endpoint("/targets/<name>/probe", method="POST", needs=Permission.TARGETS, answers=TargetItem)
def probe_target(principal: Principal, name: str) -> Answer:
    """Ask it whether it is there."""
    return _acted(targets.probe, principal, name)


def _acted(act: Callable[..., Any], principal: Principal, name: str) -> Answer:
    desk = current_desk()
    act(desk, name, actor=principal.actor)
    return TargetItem.of(next(row for row in target_queries.listed(desk) if row.name == name))
