"""What all tables share."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

from app.domain import exact_json
from storage import UtcDateTime

Id = String(36)
BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only


class ExactJson(TypeDecorator[Any]):
    """Store JSON as ASCII text: NUL, lone surrogates and endless numbers pass through every engine unharmed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else exact_json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else exact_json.decoder.decode(value)


class PlainJson(TypeDecorator[Any]):
    """Store small JSON of our own making as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """The base of every model; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012
