"""Who may do what: one list, checked where the act is done."""

from enum import StrEnum


class Permission(StrEnum):
    REPORT = "intake:report"  # post failures and confirmations of its own source
    READ = "desk:read"  # failures, groups, orders, queues, targets, bulk operations
    REVIEW = "failures:review"  # retry, correct, assign, comment, resolve, discard, reopen
    BULK = "bulk:run"  # the same over many
    QUEUES = "queues:administer"  # replay, purge, publish
    TARGETS = "targets:administer"  # pause, resume, probe
    AUDIT = "audit:read"
    SETTINGS = "settings:administer"  # accounts, tokens, retry policies


VIEWER = "viewer"  # reads, acts on nothing
OPERATOR = "operator"
ADMINISTRATOR = "administrator"

ROLES: dict[str, frozenset[Permission]] = {
    VIEWER: frozenset({Permission.READ}),
    OPERATOR: frozenset({Permission.READ, Permission.REVIEW, Permission.BULK}),
    ADMINISTRATOR: frozenset(Permission) - {Permission.REPORT},
}

SERVICE_TOKEN = frozenset({Permission.REPORT})
ADMIN_TOKEN = frozenset(Permission)
READ_TOKEN = frozenset({Permission.READ})
