"""What people read for what the machine stores: plain words, in their language."""

from app.routes.pages.words.headline import headline, is_lost, suggestion
from app.routes.pages.words.labels import (
    BREAKERS,
    BULK_ACTIONS,
    BULK_OUTCOMES,
    BULK_STATUSES,
    EVENTS,
    KINDS,
    ORDER_STATUSES,
    OUTCOMES,
    PREVIEWS,
    REMEDIES,
    ROLES,
    STATUSES,
    TARGET_KINDS,
    Look,
    order_status,
)
from app.routes.pages.words.machine import change, said

__all__ = [
    "BREAKERS", "BULK_ACTIONS", "BULK_OUTCOMES", "BULK_STATUSES", "EVENTS", "KINDS", "ORDER_STATUSES", "OUTCOMES",
    "PREVIEWS", "REMEDIES", "ROLES", "STATUSES", "TARGET_KINDS", "Look", "change", "headline", "is_lost",
    "order_status", "said", "suggestion",
]
