"""Who is signed in, as far as the API cares."""

from app.domain.permissions import Permission


def current_user_name() -> str | None:
    """Return the name of the person whose session this request carries."""
    return None


def current_permissions() -> frozenset[Permission]:
    """Return what that person may do."""
    return frozenset()
