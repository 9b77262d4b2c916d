"""Each status of a failure once, with its meaning, and every way from one to another."""

from enum import StrEnum


class Status(StrEnum):
    SCHEDULED = "scheduled"  # a machine will try, at `next_attempt_at`
    RUNNING = "running"  # a worker holds it, until `lease_until`
    SENT = "sent"  # its message was sent again; its consumer has not confirmed yet
    REVIEW = "review"  # it needs a person
    RESOLVED = "resolved"  # put right: by an attempt, a confirmation or a person
    DISCARDED = "discarded"  # a person decided that nothing shall be done


class Action(StrEnum):
    """What a person can do with one failure."""

    RETRY = "retry"
    ASSIGN = "assign"
    COMMENT = "comment"
    RESOLVE = "resolve"
    DISCARD = "discard"
    REOPEN = "reopen"


OPEN = frozenset({Status.SCHEDULED, Status.RUNNING, Status.SENT, Status.REVIEW})
CLOSED = frozenset({Status.RESOLVED, Status.DISCARDED})

TRANSITIONS: frozenset[tuple[Status, Status]] = frozenset(
    {
        (Status.SCHEDULED, Status.RUNNING),  # claimed by a worker
        (Status.RUNNING, Status.RESOLVED),  # applied, applied before, or confirmed before its worker could tell
        (Status.RUNNING, Status.SCHEDULED),  # a passing reason, or given back
        (Status.RUNNING, Status.SENT),  # the message is with the broker
        (Status.RUNNING, Status.REVIEW),  # a permanent reason, or attempts ran out
        (Status.SENT, Status.RESOLVED),  # its consumer confirmed
        (Status.SENT, Status.SCHEDULED),  # it came back to the dead-letter queue
        (Status.SENT, Status.REVIEW),  # it came back for good, or nobody confirmed in time
        (Status.REVIEW, Status.SCHEDULED),  # a person: retry
        (Status.REVIEW, Status.RESOLVED),  # a person: resolve
        (Status.REVIEW, Status.DISCARDED),  # a person: discard
        (Status.SCHEDULED, Status.SCHEDULED),  # a person: retry now
        (Status.SCHEDULED, Status.RESOLVED),  # a person: resolve; or confirmed late
        (Status.SCHEDULED, Status.DISCARDED),  # a person: discard
        (Status.SCHEDULED, Status.REVIEW),  # its target is no longer registered
        (Status.RESOLVED, Status.REVIEW),  # reopened, or its message came back
        (Status.DISCARDED, Status.REVIEW),  # reopened, or its message came back
    }
)

_ALWAYS = (Action.ASSIGN, Action.COMMENT)
_BY_STATUS: dict[Status, tuple[Action, ...]] = {
    Status.SCHEDULED: (Action.RETRY, Action.RESOLVE, Action.DISCARD),
    Status.REVIEW: (Action.RETRY, Action.RESOLVE, Action.DISCARD),
    Status.RESOLVED: (Action.REOPEN,),
    Status.DISCARDED: (Action.REOPEN,),
    Status.RUNNING: (),
    Status.SENT: (),
}


def may_move(old: Status, new: Status) -> bool:
    """Tell whether the life of a failure knows this transition."""
    return (old, new) in TRANSITIONS


def allowed_actions(status: Status, *, has_remedy: bool = True) -> tuple[Action, ...]:
    """List what a person may do in this status; a running or sent failure belongs to the machine."""
    own = _BY_STATUS[status]
    if not own:
        return ()
    return (*own, *_ALWAYS) if has_remedy else (*(action for action in own if action != Action.RETRY), *_ALWAYS)
