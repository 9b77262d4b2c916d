"""One word, one colour and one icon for each state that is shown."""

from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.domain.permissions import ADMINISTRATOR, OPERATOR, VIEWER
from app.domain.status import Status


class Look(NamedTuple):
    """How a state is shown; never by colour alone."""

    label: LazyString
    color: str
    icon: str


STATUSES = {
    Status.SCHEDULED: Look(_("Waiting for retry"), "azure", "clock"),
    Status.RUNNING: Look(_("Being retried"), "blue", "loader"),
    Status.SENT: Look(_("Sent, not confirmed"), "purple", "send"),
    Status.REVIEW: Look(_("Needs a person"), "orange", "user-question"),
    Status.RESOLVED: Look(_("Resolved"), "green", "circle-check"),
    Status.DISCARDED: Look(_("Discarded"), "secondary", "ban"),
}

PREVIEWS = {
    "would_apply": Look(_("Would work now"), "green", "check"),
    "already_applied": Look(_("Already done, nothing would be written"), "azure", "info-circle"),
    "would_fail": Look(_("Would fail now"), "orange", "alert-triangle"),
}

WOULD_SEND = Look(_("This would be sent"), "azure", "send")

OUTCOMES = {
    "applied": Look(_("Done"), "green", "circle-check"),
    "already_applied": Look(_("Was done already"), "green", "circle-check"),
    "superseded": Look(_("No longer needed"), "green", "circle-check"),
    "sent": Look(_("Sent, not confirmed"), "purple", "send"),
    "passing": Look(_("Did not work yet"), "azure", "refresh"),
    "permanent": Look(_("Cannot work as it is"), "red", "circle-x"),
    "abandoned": Look(_("The worker was lost"), "orange", "alert-triangle"),
    "returned": Look(_("The message came back"), "orange", "arrow-back-up"),
    "unconfirmed": Look(_("Nobody confirmed in time"), "orange", "clock"),
}

EVENTS = {
    "received": Look(_("Came in"), "secondary", "inbox"),
    "claimed": Look(_("An attempt began"), "blue", "loader"),
    "given_back": Look(_("The attempt was put off"), "azure", "clock"),
    "retry": Look(_("Retry asked for"), "blue", "refresh"),
    "replay": Look(_("Sent again from the queue"), "blue", "mail-forward"),
    "assign": Look(_("Given to"), "secondary", "user-check"),
    "comment": Look(_("Note"), "secondary", "message"),
    "resolve": Look(_("Resolved by hand"), "green", "circle-check"),
    "discard": Look(_("Discarded"), "secondary", "ban"),
    "reopen": Look(_("Reopened"), "orange", "arrow-back-up"),
    "came_back": Look(_("The message came back"), "orange", "arrow-back-up"),
    "confirmed": Look(_("Its receiver confirmed"), "green", "circle-check"),
    "no_target": Look(_("Its target is not registered"), "red", "circle-x"),
    **OUTCOMES,
}

KINDS = {"http": _("HTTP call"), "message": _("Message"), "db_write": _("Database write")}

REMEDIES = {
    "stock_decrement": _("Take the goods from stock"),
    "order_status": _("Write the order's status"),
    "http_request": _("Repeat the call"),
    "publish_message": _("Send the message again"),
}

BREAKERS = {
    "closed": Look(_("Available"), "green", "circle-check"),
    "open": Look(_("Unavailable, work is held"), "red", "circle-x"),
    "half_open": Look(_("On trial"), "orange", "clock"),
    "paused": Look(_("Paused by a person"), "secondary", "player-pause"),
}

TARGET_KINDS = {"database": _("Database"), "http": _("Service"), "queue": _("Queue")}

BULK_ACTIONS = {
    "retry": _("Try again"), "resolve": _("Mark as put right"), "discard": _("Discard"), "assign": _("Assign"),
    "replay": _("Send again"),
}
BULK_STATUSES = {
    "running": Look(_("Running"), "blue", "loader"),
    "paused": Look(_("Paused"), "secondary", "player-pause"),
    "stopped": Look(_("Stopped by itself"), "red", "player-stop"),
    "cancelled": Look(_("Cancelled"), "secondary", "ban"),
    "done": Look(_("Done"), "green", "circle-check"),
}
BULK_OUTCOMES = {
    "pending": Look(_("Waiting"), "secondary", "clock"),
    "started": Look(_("Under way"), "blue", "loader"),
    "succeeded": Look(_("Succeeded"), "green", "circle-check"),
    "failed": Look(_("Failed"), "red", "circle-x"),
    "skipped": Look(_("Skipped"), "secondary", "ban"),
}

DEATHS = {
    "expired": _("nobody took it in time"), "rejected": _("its receiver refused it"),
    "delivery_limit": _("it failed every time"), "maxlen": _("the queue was full"),
}

ACTS = {
    "failure.retry": _("Retry asked for"), "failure.correct_and_retry": _("Corrected and tried again"),
    "failure.assign": _("Assigned"), "failure.comment": _("Note"), "failure.resolve": _("Resolved by hand"),
    "failure.discard": _("Discarded"), "failure.reopen": _("Reopened"), "target.pause": _("Target paused"),
    "target.resume": _("Target goes on"), "target.probe": _("Target probed"), "queue.purge": _("Queue emptied"),
    "queue.publish": _("Message published"), "queue.publish_failed": _("Message not published"),
    "token.create": _("Token created"), "token.revoke": _("Token revoked"), "bulk.retry": _("Bulk: try again"),
    "bulk.resolve": _("Bulk: mark as put right"), "bulk.discard": _("Bulk: discard"),
    "bulk.assign": _("Bulk: assign"), "bulk.replay": _("Bulk: send again"),
    "bulk.pause": _("Bulk action paused"), "bulk.resume": _("Bulk action goes on"),
    "bulk.cancel": _("Bulk action cancelled"), "account.create": _("Account created"),
    "account.password": _("Password changed"), "account.switch": _("Account switched"),
    "policy.change": _("Schedule changed"),
}

_HAPPENED = {
    "failed": _("Something failed"), "order created": _("The order was made"), "tombstone": _("Barred by a person"),
    "stock_decrement": _("Goods were taken from stock"), "order_status": _("The status was written"),
}
STEP_ICONS = {
    "placed": "shopping-cart", "reserved": "package", "paid": "credit-card", "shipping": "truck", "delivered": "home",
}

ROLES = {OPERATOR: _("Warehouse staff"), VIEWER: _("Viewer, acts on nothing"), ADMINISTRATOR: _("Administrator")}

ORDER_STATUSES = {
    "placed": _("placed"), "approved": _("approved"), "reserved": _("reserved"), "paid": _("paid"),
    "shipping": _("being shipped"), "delivered": _("delivered"), "cancelled": _("cancelled"),
    "preparing": _("being prepared"),
    "awaiting_shipment": _("awaiting shipment"), "awaiting_manual_shipment": _("awaiting manual shipment"),
}


def order_status(name: object) -> str:
    """Return an order's status in words; an unknown one as it is."""
    return str(ORDER_STATUSES.get(str(name), name))


def happened(what: str) -> str:
    """Return one entry of an order's timeline in words; an unknown one as it is."""
    look = EVENTS.get(what)
    return str(look.label if look else _HAPPENED.get(what) or what)


def act(name: str) -> str:
    """Return an entry of the audit in words; an unknown one as it is."""
    return str(ACTS.get(name, name))
