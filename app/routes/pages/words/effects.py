"""What was applied in a service's database, in words."""

from app.domain.effects import components_of, parsed
from app.routes.languages import translate as _
from app.routes.pages.words.labels import order_status
from app.routes.pages.words.machine import said


def effect(kind: str, text: str | None) -> str:
    """Say what a marker's effect was; what is not one of ours as it is."""
    if kind == "tombstone":
        return _("Closed by a person: nothing is written under this operation any more.")
    if rows := components_of(kind, text):
        return ", ".join(f"{row['componentId']} −{row['quantity']}" for row in rows)
    held = parsed(text)
    if kind == "order_status" and "to" in held:
        return f"{order_status(held.get('from'))} → {order_status(held['to'])}"
    return said(text)
