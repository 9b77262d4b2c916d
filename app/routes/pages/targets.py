"""/targets: the systems that remedies act on, and an administrator's switches."""

from flask import flash, redirect, render_template
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.queries import targets as queries
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages import fragments
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.services import targets


@pages.get("/targets")
@needs(Permission.READ)
def all_targets() -> str | Response:
    """List targets with their breakers and what waits for them."""
    rows = queries.listed(current_desk())
    if fragments.is_poll():
        return fragments.answer(render_template("targets/_rows.html", targets=rows))
    return render_template("targets/list.html", targets=rows)


@pages.post("/targets/<name>/pause")
@needs(Permission.TARGETS)
def pause_target(name: str) -> Response:
    """Hold everything that waits for a target."""
    targets.pause(current_desk(), name, actor=actor())
    return _back(_("%(name)s is paused; what waits for it is held.", name=name))


@pages.post("/targets/<name>/resume")
@needs(Permission.TARGETS)
def resume_target(name: str) -> Response:
    """Let its work go on."""
    targets.resume(current_desk(), name, actor=actor())
    return _back(_("%(name)s goes on.", name=name))


@pages.post("/targets/<name>/probe")
@needs(Permission.TARGETS)
def probe_target(name: str) -> Response:
    """Ask whether it is there."""
    if targets.probe(current_desk(), name, actor=actor()):
        return _back(_("%(name)s answers.", name=name))
    return _back(_("%(name)s does not answer.", name=name), "warning")


def _back(words: str, category: str = "message") -> Response:
    flash(words, category)
    return redirect("/targets", 303)
