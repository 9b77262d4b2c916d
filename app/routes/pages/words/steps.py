"""What a person would try first."""

from enum import StrEnum

from app.routes.languages import translate as _
from app.routes.pages.words.told import Remedy, Told, is_lost, is_scarce, unknown_product, was_too_little


class Step(StrEnum):
    """What a person would try first."""

    FIND = "find"
    CORRECT = "correct"
    CHOOSE = "choose"
    LOOK = "look"
    BY_HAND = "by_hand"
    RETRY = "retry"


def step(failure: Told, remedy: Remedy, *, would_fail: bool | None = None) -> Step:
    """Propose what to try first; `would_fail`: another try of the remedy as it is, as the last one did if not given."""
    if is_lost(failure):
        return Step.FIND
    if failure.error_status == 400:
        return Step.CORRECT
    if unknown_product(failure) and failure.order_id:
        return Step.CHOOSE
    if not remedy or failure.error_type == "OrderCancelled":
        return Step.BY_HAND
    if failure.error_type == "rejected":
        return Step.LOOK
    return Step.CORRECT if (was_too_little(failure) if would_fail is None else would_fail) else Step.RETRY


def suggestion(failure: Told, remedy: Remedy, *, would_fail: bool | None = None) -> str:
    """Say in a few words what to try first."""
    is_decrement = (remedy or {}).get("type") == "stock_decrement"
    match step(failure, remedy, would_fail=would_fail):
        case Step.FIND:
            return _("Find the right order")
        case Step.CORRECT if is_decrement or is_scarce(failure):
            return _("Restock, or take what is there")
        case Step.CORRECT:
            return _("Correct the data and send again")
        case Step.CHOOSE:
            return _("Choose the right product")
        case Step.LOOK:
            return _("Look at the message")
        case Step.BY_HAND:
            return _("Put it right by hand")
    return _("Restock, then send again") if is_scarce(failure) and not is_decrement else _("Try again")
