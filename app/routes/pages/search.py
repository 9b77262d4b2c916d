"""GET /search: what is suggested while somebody types; without a script, the list of what matches."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from flask import redirect, render_template, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.domain.text import clean
from app.queries import suggestions
from app.queries.filters import LONGEST_SEARCH
from app.queries.suggestions import Suggestion
from app.routes.context import current_desk
from app.routes.pages import fragments
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


class Kind(NamedTuple):
    """What stands above the suggestions of one kind."""

    label: LazyString
    icon: str


KINDS = {
    suggestions.ORDER: Kind(_("Orders"), "package"), suggestions.CLIENT: Kind(_("Customers"), "user"),
    suggestions.PRODUCT: Kind(_("Products and components"), "stack-2"),
    suggestions.MESSAGE: Kind(_("Messages"), "message"), suggestions.CAUSE: Kind(_("Causes"), "alert-triangle"),
    suggestions.FAILURE: Kind(_("Failures"), "list-details"),
}


@pages.get("/search")
@needs(Permission.READ)
def search() -> str | Response:
    """Suggest what may be meant, grouped by what it is."""
    text = clean(request.args.get("q", "")).strip()[:LONGEST_SEARCH]
    if not fragments.is_poll():
        return redirect(_list({"q": text}), 303)
    with current_desk().store.read() as session:
        found = suggestions.suggestions(session, text)
    groups = [(kind, look, [item for item in found if item.kind == kind]) for kind, look in KINDS.items()]
    enough = len(text) >= suggestions.SHORTEST
    return render_template(
        "_suggestions.html", text=text if enough else "", groups=groups, address=address, everything=_list({"q": text})
    )


def address(item: Suggestion) -> str:
    """Return where a suggestion leads."""
    match item.kind:
        case suggestions.ORDER:
            return f"/orders/{quote(item.name, safe='')}"
        case suggestions.CAUSE:
            return f"/groups/{item.id}"
        case suggestions.FAILURE:
            return f"/failures/{item.id}"
    return _list({"q": item.name})


def _list(narrowed: dict[str, str]) -> str:
    return f"/failures?{urlencode(narrowed)}"
