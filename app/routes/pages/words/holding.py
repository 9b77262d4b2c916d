"""Why an attempt is not made now."""

from app.queries.holding import Held
from app.routes.languages import translate as _
from app.routes.pages.words.services import service


def held(found: Held) -> str:
    """Say what is held back, by whom, and what ends it."""
    target = service(found.target)
    if not found.paused:
        return _("Held: %(target)s does not answer. It goes on by itself when it is back.", target=target)
    if found.by is None:
        return _("Held: paused by an administrator: %(target)s. It goes on when the pause is ended.", target=target)
    return _("Held: paused by %(name)s: %(target)s. It goes on when the pause is ended.",
             target=target, name=found.by)
