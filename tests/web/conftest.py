"""People at the pages."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.assets import compile_translations
from app.desk import Desk
from tests.databases import Databases
from tests.web.people import make_people, sign_in


@pytest.fixture(scope="session", autouse=True)
def _translations() -> None:
    compile_translations()


@pytest.fixture
def break_store(desk: Desk, databases: Databases) -> Callable[[], None]:
    """Call it to take the desk's own database away."""
    def away() -> None:
        desk.store.close()
        databases.destroy(desk.settings.database_url)

    return away


@pytest.fixture
def people(desk: Desk) -> None:
    make_people(desk)


@pytest.fixture
def operator(app: Flask, people: None) -> FlaskClient:
    """A browser in which a warehouse worker is signed in."""
    return _signed_in(app, "operator")


@pytest.fixture
def administrator(app: Flask, people: None) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    return _signed_in(app, "admin")


def _signed_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    assert sign_in(client, username).status_code == 303
    return client
