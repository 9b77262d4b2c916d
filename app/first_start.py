"""All that a start finds ready: the instance folder, its secrets, the newest schema, the first accounts."""

from sqlalchemy.exc import DBAPIError

from app import instance, migrate
from app.config import Settings, SettingsError
from app.desk import open_desk
from app.services.accounts import first_accounts
from storage import Store, is_away, open_store


class StoreAway(SettingsError):
    """Nobody answers where the database should be: perhaps not yet."""


def prepare(settings: Settings) -> dict[str, str]:
    """Make what is missing, and return the passwords that were generated, by account; at most once for each.

    Raises:
        SettingsError: the folder or the database cannot be used.
        StoreAway: the database's server does not answer; to try again later is safe.
    """
    instance.prepare(settings)
    with instance.alone(settings):
        _migrate(settings)
        desk = open_desk(settings)
        try:
            return first_accounts(desk)
        finally:
            desk.close()


def _migrate(settings: Settings) -> None:
    store = open_store(settings.database_url)
    try:
        _check_usable(store)
        migrate.upgrade(store)
    finally:
        store.close()


def _check_usable(store: Store) -> None:
    try:
        with store.connect():
            pass  # it can be reached and written to
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        kind = StoreAway if not store.is_sqlite and is_away(error) else SettingsError
        raise kind(f"DLO_DATABASE_URL: the database cannot be used ({reason})") from error
