"""Every role at every route, found in the application's own map: each does what it may, and is refused all else."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from app.desk import Desk
from app.domain.permissions import ADMIN_TOKEN, ADMINISTRATOR, OPERATOR, ROLES, SERVICE_TOKEN, VIEWER, Permission
from tests.conftest import bearer
from tests.factories import make_shop
from tests.filled import fill
from tests.pages import addresses
from tests.web.people import make_person, sign_in, token

# To everybody: the files of pages, the way in and out, the language before it, and the five calls without a token.
OPEN = {
    "static", "pages.sign_in", "pages.sign_in_now", "pages.sign_out", "pages.preferences", "ops.healthz", "ops.readyz",
    "ops.metrics", "ops.openapi", "ops.docs",
}
# What changes nothing but what a person keeps for themselves, and what changes nothing at all.
HARMLESS = {
    "pages.change_password", "pages.save_view", "pages.rename_view", "pages.delete_view", "pages.leave_tour",
    "api.preview_failure",
}
MAY = {
    VIEWER: {"desk:read"},
    OPERATOR: {"desk:read", "failures:review", "bulk:run"},
    ADMINISTRATOR: {"desk:read", "failures:review", "bulk:run", "queues:administer", "targets:administer", "audit:read",
                    "settings:administer"},
}
PEOPLE = {VIEWER: "viewer", OPERATOR: "operator", ADMINISTRATOR: "admin"}

Call = tuple[Rule, str, Permission | None]


def calls(app: Flask) -> Iterator[Call]:
    """Yield each route with each of its methods, and the permission that it names."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, getattr(app.view_functions[rule.endpoint], "permission", None)


def unguarded(app: Flask) -> set[str]:
    return {rule.endpoint for rule, _, permission in calls(app) if permission is None} - OPEN


def guarded(app: Flask, *, api: bool) -> Iterator[tuple[str, str, Permission]]:
    """Yield an address that nothing is at, a method and a permission of each route that has one."""
    adapter = app.url_map.bind("desk.test")
    for rule, method, permission in calls(app):
        if permission is not None and rule.rule.startswith("/api/") == api:
            values = {name: nowhere(converter) for name, converter in rule._converters.items()}
            yield adapter.build(rule.endpoint, values, method=method), method, permission


def nowhere(converter: BaseConverter) -> object:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 10**8 if isinstance(converter, IntegerConverter) else "nowhere"


def test_a_route_names_its_permission_or_is_known_to_be_open(app: Flask) -> None:
    assert unguarded(app) == set()
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= OPEN


def test_a_new_route_without_a_permission_is_found(app: Flask) -> None:
    app.add_url_rule("/new", "pages.new", lambda: "")
    assert unguarded(app) == {"pages.new"}


def test_who_only_reads_changes_nothing_of_the_desks(app: Flask) -> None:
    unsafe = {rule.endpoint for rule, method, permission in calls(app)
              if method != "GET" and permission == Permission.READ}
    assert unsafe == HARMLESS


def test_every_unsafe_route_outside_the_api_belongs_to_the_pages_which_check_the_token(app: Flask) -> None:
    unsafe = [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}]
    assert {rule.endpoint.split(".")[0] for rule in unsafe if not rule.rule.startswith("/api/")} == {"pages"}


def test_roles_and_tokens_may_what_they_are_meant_to() -> None:
    assert {role: {str(each) for each in permissions} for role, permissions in ROLES.items()} == MAY
    assert {str(each) for each in SERVICE_TOKEN} == {"intake:report"}
    assert frozenset(Permission) == ADMIN_TOKEN


@pytest.fixture
def browser(app: Flask, desk: Desk, role: str) -> FlaskClient:
    """A browser in which somebody of the role is signed in."""
    client = app.test_client()
    make_person(desk, PEOPLE[role], role)
    assert sign_in(client, PEOPLE[role]).status_code == 303
    return client


@pytest.mark.parametrize("role", ROLES)
def test_a_person_at_every_page(app: Flask, browser: FlaskClient, role: str) -> None:
    form = {"csrf_token": token(browser.get("/"))}
    numbers = {True: 0, False: 0}
    for address, method, permission in guarded(app, api=False):
        answer = browser.open(address, method=method, data=form if method != "GET" else None)
        check(answer.status_code, permission in MAY[role], (role, method, address))
        numbers[permission in MAY[role]] += 1
    assert numbers[True] > 20 and (numbers[False] > 15 or role != VIEWER)


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_a_control_that_its_reader_may_not_use(
    app: Flask, browser: FlaskClient, desk: Desk, role: str
) -> None:
    for other in PEOPLE.keys() - {role}:
        make_person(desk, PEOPLE[other], other)
    make_shop(desk)
    shown: set[str] = set()
    for address in addresses(app, fill(desk, 2)).values():
        page = browser.get(address)
        shown |= set(posts(page.text, address)) if page.status_code == 200 else set()
    permissions = {call: permission_of(app, call) for call in shown}
    assert [call for call, permission in permissions.items() if permission and permission not in MAY[role]] == []
    assert ("/retry" in str(shown), "/pause" in str(shown)) == (role != VIEWER, role != VIEWER)


def posts(page: str, own: str) -> Iterator[str]:
    """Yield where a page's forms and buttons lead that do more than ask."""
    for form in re.findall(r"<form[^>]*>", page):
        if 'method="post"' in form and (" action=" in form or " id=" not in form):  # else buttons elsewhere say where
            yield (re.findall(r' action="([^"]*)"', form) or [own])[0]
    yield from re.findall(r'(?:formaction|hx-post)="([^"]*)"', page)


def permission_of(app: Flask, address: str) -> Permission | None:
    endpoint, _ = app.url_map.bind("desk.test").match(address.partition("#")[0].partition("?")[0], method="POST")
    permission: Permission | None = getattr(app.view_functions[endpoint], "permission", None)
    return permission


@pytest.mark.parametrize("role", ROLES)
def test_a_person_at_every_call_of_the_api(app: Flask, browser: FlaskClient, role: str) -> None:
    session = {"X-CSRFToken": token(browser.get("/"))}
    numbers = {True: 0, False: 0}
    for address, method, permission in guarded(app, api=True):
        answer = browser.open(address, method=method, headers=session, json={} if method != "GET" else None)
        check(answer.status_code, permission in MAY[role], (role, method, address))
        numbers[permission in MAY[role]] += 1
    assert numbers[True] > 10 and numbers[False] > 2


def test_tokens_at_every_call_of_the_api(
    app: Flask, client: FlaskClient, admin: dict[str, str], warehouse: dict[str, str]
) -> None:
    for headers, may in ((admin, set(Permission)), (warehouse, {Permission.REPORT})):
        for address, method, permission in guarded(app, api=True):
            answer = client.open(address, method=method, headers=headers, json={} if method != "GET" else None)
            check(answer.status_code, permission in may, (method, address))


def test_nobody_and_a_wrong_token_at_every_route(app: Flask, client: FlaskClient) -> None:
    for headers in ({}, bearer("wrong")):
        for address, method, _ in guarded(app, api=True):
            assert client.open(address, method=method, headers=headers).status_code == 401, address
    for address, method, _ in guarded(app, api=False):
        form = {"csrf_token": token(client.get("/login"))} if method != "GET" else None
        answer = client.open(address, method=method, data=form)
        assert answer.status_code == 303 and answer.location.startswith("/login"), address


def check(status: int, may: bool, call: object) -> None:
    """Whoever may is told what is wrong with the call, of which nothing exists; whoever may not, only that."""
    assert (status not in (401, 403) and status < 500) if may else status == 403, (call, status)
