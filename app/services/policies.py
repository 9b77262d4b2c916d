"""Use the schedules, and change them."""

from dataclasses import asdict

from app.desk import Desk
from app.domain.retry_policy import Policy
from app.models.policy import RetryPolicy
from app.queries.policies import stored_policies
from app.services import audit


def policies(desk: Desk) -> dict[str, Policy]:
    """Return every kind's schedule, as it was a second ago at most."""
    return desk.known_policies.get(desk.clock(), lambda: _read(desk))


def change(desk: Desk, remedy_type: str, wanted: Policy, *, actor: str) -> None:
    """Set one kind's schedule; what is scheduled already keeps its time."""
    with desk.store.write() as session:
        before = stored_policies(session.connection())[remedy_type]
        session.merge(RetryPolicy(remedy_type=remedy_type, **asdict(wanted)))
        audit.record(
            session, actor=actor, action="policy.change", now=desk.clock(), subject=remedy_type,
            before=asdict(before), after=asdict(wanted),
        )
    desk.known_policies.forget()


def _read(desk: Desk) -> dict[str, Policy]:
    with desk.store.read() as session:
        return stored_policies(session.connection())
