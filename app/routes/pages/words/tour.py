"""The tour of the demo, step by step."""

from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.domain.status import Status
from app.queries.tour import Case, Progress
from app.routes.pages.words.labels import STATUSES, Look

_RESOLVED = STATUSES[Status.RESOLVED].label  # by the very word that the case will show


class Told(NamedTuple):
    """A case of the tour: its name, its icon, and what to do with it."""

    name: LazyString
    icon: str
    steps: tuple[LazyString, ...]


TOUR = {
    Case.LOST: Told(_("A lost order"), "search", (
        _("Open the case: an order was paid under a number that Orders does not know."),
        _("Among the orders that it may be, find the one with the same customer and amount, and take it."),
        _("Look at what would change, then correct and try again."),
        _("Stay on the page until it says “%(state)s”: the order is paid now.", state=_RESOLVED),
    )),
    Case.STOCK: Told(_("A stock decrement that failed"), "package", (
        _("Open the case: the Warehouse could not write, and meanwhile another order took the goods."),
        _("See how many are needed and how many are there, and correct the quantity."),
        _("Look at what would change, then correct and try again."),
        _("Stay on the page until it says “%(state)s”: the goods were taken once, not twice.", state=_RESOLVED),
    )),
    Case.ADDRESS: Told(_("An invalid address"), "truck", (
        _("Open the case: Shipping refused the order, and nothing is sent again as it is."),
        _("Write an address in place of the one that was refused."),
        _("Correct and try again."),
        _("Stay on the page until it says “%(state)s”: Shipping has the order.", state=_RESOLVED),
    )),
}

TOUR_PROGRESS = {
    Progress.AWAITED: Look(_("Not yet come up"), "secondary", "clock"),
    Progress.WAITING: Look(_("Waits for you"), "orange", "user-question"),
    Progress.UNDER_WAY: Look(_("On its way"), "blue", "loader"),
    Progress.DONE: Look(_("Done"), "green", "circle-check"),
}
