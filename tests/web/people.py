"""Sign people in, as a browser does."""

import re

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.desk import Desk
from app.domain.permissions import ADMINISTRATOR, OPERATOR
from app.models.account import RoleRow, UserRow

PASSWORDS = {username: f"the password of {username}" for username in ("admin", "operator", "viewer")}


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # a verifier takes the figures from the hash


def make_people(desk: Desk) -> None:
    """Insert one administrator and one operator."""
    for username, role in (("admin", ADMINISTRATOR), ("operator", OPERATOR)):
        make_person(desk, username, role)


def make_person(desk: Desk, username: str, role: str) -> None:
    """Insert the first person of a role."""
    with desk.store.write() as session:
        session.add(UserRow(
            username=username, email=f"{username}@localhost", password=CHEAP.hash(PASSWORDS[username]), active=True,
            fs_uniquifier=username, created_at=desk.clock(), roles=[RoleRow(name=role)],
        ))


def token(page: TestResponse) -> str:
    """Return the CSRF token that a page carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str | None = None, **fields: str) -> TestResponse:
    """Fill the sign-in form in and send it."""
    return client.post("/login", data={
        "csrf_token": token(client.get("/login")), "username": username,
        "password": PASSWORDS[username] if password is None else password, **fields,
    })


def post(client: FlaskClient, page: str, address: str | None = None, **fields: str) -> TestResponse:
    """Open a page and send a form of it with the page's token."""
    return client.post(address or page, data={"csrf_token": token(client.get(page)), **fields})
