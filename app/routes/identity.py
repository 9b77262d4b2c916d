"""Who is signed in, as far as the API cares."""

from app.domain.permissions import Permission
from app.routes.people import may, signed_in


def current_user_name() -> str | None:
    """Return the name of the person whose session this request carries."""
    person = signed_in()
    return person.username if person else None


def current_permissions() -> frozenset[Permission]:
    """Return what that person may do."""
    return frozenset(permission for permission in Permission if may(permission))
