"""How failures were put right before, counted, in words."""

from flask_babel import ngettext

from app.queries import worked


def ways(way: str, number: int) -> str:
    """Say how many were put right in one way."""
    match way:
        case worked.BY_WAITING:
            return str(ngettext("%(num)s by trying again by itself", "%(num)s by trying again by themselves", number))
        case worked.BY_RETRY:
            return str(ngettext("%(num)s by a retry that a person asked for",
                                "%(num)s by retries that a person asked for", number))
        case worked.BY_CORRECTION:
            return str(ngettext("%(num)s by a correction", "%(num)s by corrections", number))
    return str(ngettext("%(num)s by hand", "%(num)s by hand", number))
