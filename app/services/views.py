"""Keep what a person looks at again and again; a preference like the theme, so that the audit tells nothing of it."""

from collections.abc import Mapping

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.report import faults_of
from app.domain.text import clean
from app.errors import Fault, Invalid, NotFound
from app.models.view import SavedView
from app.queries import views
from app.queries.filters import BulkFilter
from storage import take_turns

PAGES = ("review", "failures")
MOST = 20  # of one person: more than fit beside a list
LONGEST_NAME = 60
NAMELESS = f"a view needs a name of 1 to {LONGEST_NAME} characters"
TAKEN = "another view has this name"
FULL = f"there are {MOST} views already"
NOTHING = "there is no filter to keep"


def save(desk: Desk, user_id: int, name: str, page: str, narrowed: Mapping[str, str]) -> None:
    """Keep the filters of a list under a name. Raises Invalid."""
    if page not in PAGES or not narrowed:
        raise Invalid([Fault("/filter", NOTHING)])
    try:
        BulkFilter.model_validate(narrowed)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error
    with desk.store.write() as session:
        kept = _turn(session, user_id)
        if len(kept) >= MOST:
            raise Invalid([Fault("/name", FULL)])
        session.add(SavedView(user_id=user_id, name=_checked(name, kept), page=page, narrowed=dict(narrowed),
                              created_at=desk.clock()))


def rename(desk: Desk, user_id: int, view_id: int, name: str) -> None:
    """Give a view of this person another name. Raises Invalid, NotFound."""
    with desk.store.write() as session:
        kept = _turn(session, user_id)
        view = _one(kept, view_id)
        view.name = _checked(name, [other for other in kept if other is not view])


def delete(desk: Desk, user_id: int, view_id: int) -> None:
    """Forget a view of this person. Raises NotFound."""
    with desk.store.write() as session:
        session.delete(_one(_turn(session, user_id), view_id))


def _turn(session: Session, user_id: int) -> list[SavedView]:
    take_turns(session, f"saved views of {user_id}")
    return views.of(session, user_id)


def _one(kept: list[SavedView], view_id: int) -> SavedView:
    for view in kept:
        if view.id == view_id:
            return view
    raise NotFound("There is no such view.")


def _checked(name: str, others: list[SavedView]) -> str:
    name = " ".join(clean(name).split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid([Fault("/name", NAMELESS)])
    if name.casefold() in {other.name.casefold() for other in others}:
        raise Invalid([Fault("/name", TAKEN)])
    return name
