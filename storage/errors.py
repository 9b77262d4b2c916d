"""Errors of a driver, as SQLAlchemy raises them: whoever uses a store knows no others."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError


@contextmanager
def told_by_sqlalchemy(base: type[Exception]) -> Iterator[None]:
    """Raise what SQLAlchemy would raise for an error of the driver, whose errors all derive from `base`."""
    try:
        yield
    except base as error:
        raise DBAPIError.instance(None, None, error, base, hide_parameters=True) from error
