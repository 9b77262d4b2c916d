"""Turn whatever is raised into an answer: a problem for programs, a page for people, never a traceback."""

import logging
import uuid

from flask import Flask, Response, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.errors import AppError, NotFound, TooLarge, Unavailable
from app.routes.api import problems
from app.routes.pages import errors as error_pages
from messaging import BrokerUnavailable

log = logging.getLogger(__name__)

STORE_AWAY = "desk.store_away"  # in the request's environment: set by whom the store failed, read by `app.wsgi`
MACHINE_PATHS = ("/api/", "/healthz/", "/readyz/", "/metrics/")
_OUR_FAULT = (IntegrityError, DataError, ProgrammingError)


def register(app: Flask) -> None:
    """Register the handlers; the last one takes what nobody expected."""
    app.register_error_handler(AppError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(BrokerUnavailable, _broker)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _store_away)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_known_to_be_away)


def answer(error: AppError) -> Response:
    """Answer an error that was raised on purpose."""
    if f"{request.path}/".startswith(MACHINE_PATHS):
        return problems.problem(error)
    return error_pages.page(error)


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    # What breaks after the route, such as the saving of a session, comes wrapped.
    original = getattr(error, "original_exception", None)
    if original is not None:
        return _wrapped(original)
    known = {404: NotFound, 413: TooLarge}.get(error.code or 500)
    translated = known() if known else AppError(error.description or "")
    translated.status, translated.title = error.code or 500, error.name
    response = answer(translated)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _wrapped(error: Exception) -> Response:
    if isinstance(error, DBAPIError):
        return _database(error)
    return _store_away(error) if isinstance(error, PoolTimeout) else _unexpected(error)


def _broker(error: BrokerUnavailable) -> Response:
    return answer(Unavailable(f"The broker cannot be reached: {error}"))


def _database(error: DBAPIError) -> Response:
    return _unexpected(error) if isinstance(error, _OUR_FAULT) else _store_away(error)


def _store_away(error: Exception) -> Response:
    # not the error's own text: it quotes the statement with its values
    log.error("the store is not available: %s", getattr(error, "orig", None) or type(error).__name__)
    request.environ[STORE_AWAY] = True
    return answer(Unavailable())


def _known_to_be_away() -> None:
    if request.environ.get(STORE_AWAY) and request.blueprint != "ops":
        raise Unavailable


def _unexpected(error: Exception) -> Response:
    number = uuid.uuid4().hex
    log.error("unexpected error %s on %s %s", number, request.method, request.path, exc_info=error)
    return answer(AppError(f"Something broke on our side. It is logged under {number}."))
