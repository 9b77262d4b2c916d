"""What people read for what the machine stores: plain words, in their language."""

from app.routes.pages.words.choosing import could_not_ask, in_stock, is_there, lacking, once, parts
from app.routes.pages.words.effects import effect
from app.routes.pages.words.faults import fault, wrong
from app.routes.pages.words.fields import label
from app.routes.pages.words.headline import headline
from app.routes.pages.words.holding import held
from app.routes.pages.words.labels import (
    ACTS,
    BREAKERS,
    BULK_ACTIONS,
    BULK_OUTCOMES,
    BULK_STATUSES,
    DEATHS,
    EVENTS,
    KINDS,
    ORDER_STATUSES,
    OUTCOMES,
    PREVIEWS,
    REMEDIES,
    ROLES,
    STATUSES,
    STEP_ICONS,
    TARGET_KINDS,
    WOULD_SEND,
    Look,
    act,
    happened,
    order_status,
)
from app.routes.pages.words.machine import cause, change, likeness, said
from app.routes.pages.words.many import bulk_faults, bulk_outcome, bulk_status
from app.routes.pages.words.rights import RIGHTS, right
from app.routes.pages.words.services import names, service
from app.routes.pages.words.steps import step, suggestion
from app.routes.pages.words.told import is_lost
from app.routes.pages.words.tour import TOUR, TOUR_PROGRESS
from app.routes.pages.words.ways import proposal, usually, ways

__all__ = [
    "ACTS", "BREAKERS", "BULK_ACTIONS", "BULK_OUTCOMES", "BULK_STATUSES", "DEATHS", "EVENTS", "KINDS",
    "ORDER_STATUSES", "OUTCOMES", "PREVIEWS", "REMEDIES", "RIGHTS", "ROLES", "STATUSES", "STEP_ICONS", "TARGET_KINDS",
    "TOUR", "TOUR_PROGRESS", "WOULD_SEND", "Look", "act", "bulk_faults", "bulk_outcome", "bulk_status", "cause",
    "change", "could_not_ask", "effect", "fault", "happened", "headline", "held", "in_stock", "is_lost", "is_there",
    "label", "lacking", "likeness", "names", "once", "order_status", "parts", "proposal", "right", "said", "service",
    "step", "suggestion", "usually", "ways", "wrong",
]
