"""What each permission lets somebody do."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.domain.permissions import Permission

RIGHTS = {
    Permission.REPORT: _("report failures of its source"),
    Permission.READ: _("read what the desk shows"),
    Permission.REVIEW: _("act on a failure"),
    Permission.BULK: _("act on many failures"),
    Permission.QUEUES: _("send again, empty and publish in queues"),
    Permission.TARGETS: _("pause, resume and probe targets"),
    Permission.AUDIT: _("read the audit"),
    Permission.SETTINGS: _("change accounts, tokens and schedules"),
}


def right(scope: str) -> str | LazyString:
    """Return what a token's scope allows, in words; an unknown one as it is."""
    return RIGHTS.get(Permission(scope), scope) if scope in {str(each) for each in Permission} else scope
