"""All settings, typed; a wrong one stops the start with one line that names the variable."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from storage import sqlite_path

SERVICES = ("orders", "payments", "warehouse", "products", "inventory", "shipping")
STUBS = ("orders", "payments", "warehouse-1", "warehouse-2", "products", "inventory", "shipping")
DATABASES = ("sqlite", "postgresql")
DATABASE_FIELDS = {  # setting → its SQLite file's name
    "database_url": "dlo",
    "queue_database_url": "queue",
    **{f"{service}_database_url": service for service in SERVICES},
}


class SettingsError(Exception):
    """A setting that cannot be used; the text is one line and begins with the variable's name."""


class TargetSetting(BaseModel):
    """Where a target is, and how fast it may be called."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    url: str
    ratePerSecond: Annotated[float, Field(gt=0)] | None = None

    @property
    def is_database(self) -> bool:
        return not self.url.startswith(("http://", "https://"))


def _variable(name: str, default: Any = ...) -> Any:
    return Field(default, validation_alias=AliasChoices(name))


class Settings(BaseSettings):
    """The settings of contract section 2, read from the environment alone."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    instance: Path = _variable("DLO_INSTANCE", Path("instance"))
    database_url: str = _variable("DLO_DATABASE_URL", "")
    broker_url: str = _variable("DLO_BROKER_URL", "embedded")
    queue_database_url: str = _variable("DLO_QUEUE_DATABASE_URL", "")
    host: str = _variable("DLO_HOST", "127.0.0.1")
    port: Annotated[int, Field(ge=1, le=65535)] = _variable("DLO_PORT", 8080)
    public_url: str = _variable("DLO_PUBLIC_URL", "")
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = _variable("DLO_TRUSTED_PROXIES", 0)
    secret_key: str | None = _variable("DLO_SECRET_KEY", None)
    admin_password: str | None = _variable("DLO_ADMIN_PASSWORD", None)
    operator_password: str | None = _variable("DLO_OPERATOR_PASSWORD", None)
    admin_token: str | None = _variable("DLO_ADMIN_TOKEN", None)
    service_tokens: Annotated[dict[str, str] | None, NoDecode] = _variable("DLO_SERVICE_TOKENS", None)
    declared_targets: Annotated[dict[str, TargetSetting] | None, NoDecode] = _variable("DLO_TARGETS", None)
    intake_rate: Annotated[float, Field(gt=0)] | None = _variable("DLO_INTAKE_RATE", None)
    keep_closed_days: Annotated[int, Field(ge=1, le=36_500)] = _variable("DLO_KEEP_CLOSED_DAYS", 90)
    # Any order may have been paid, and what went wrong with a paid one is kept for a year at least.
    keep_order_days: Annotated[int, Field(ge=365, le=36_500)] = _variable("DLO_KEEP_ORDER_DAYS", 400)
    retry_scale: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = _variable("DLO_RETRY_SCALE", 1.0)
    log_format: Literal["json", "text"] = _variable("DLO_LOG_FORMAT", "json")
    demo_traffic: bool = _variable("DEMO_TRAFFIC", True)
    tour: bool = _variable("DLO_TOUR", False)
    stubs_base_port: Annotated[int, Field(ge=1, le=65000)] = _variable("STUBS_BASE_PORT", 5100)
    orders_database_url: str = _variable("ORDERS_DATABASE_URL", "")
    payments_database_url: str = _variable("PAYMENTS_DATABASE_URL", "")
    warehouse_database_url: str = _variable("WAREHOUSE_DATABASE_URL", "")
    products_database_url: str = _variable("PRODUCTS_DATABASE_URL", "")
    inventory_database_url: str = _variable("INVENTORY_DATABASE_URL", "")
    shipping_database_url: str = _variable("SHIPPING_DATABASE_URL", "")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # `load` hands the environment in, so that tests never touch the real one

    @field_validator("service_tokens", mode="before")
    @classmethod
    def _tokens(cls, value: object) -> object:
        return parse_tokens(value) if isinstance(value, str) else value

    @field_validator("declared_targets", mode="before")
    @classmethod
    def _targets(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            declared = json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"is not JSON ({error.msg} at character {error.pos})") from error
        if not isinstance(declared, dict):
            raise ValueError('must be a JSON object, such as {"inventory": "http://127.0.0.1:5106"}')
        return {name: {"url": target} if isinstance(target, str) else target for name, target in declared.items()}

    @field_validator("declared_targets")
    @classmethod
    def _usable_targets(cls, value: dict[str, TargetSetting] | None) -> dict[str, TargetSetting] | None:
        for name, target in (value or {}).items():
            if target.is_database:
                _check_database_url(target.url)
            elif not urlsplit(target.url).hostname:
                raise ValueError(f"target {name!r} has no host in its URL")
        return value

    @field_validator("broker_url")
    @classmethod
    def _broker(cls, value: str) -> str:
        if value != "embedded" and not value.startswith(("amqp://", "amqps://")):
            raise ValueError("must be 'embedded' or an amqp:// URL")
        return value

    @field_validator(*DATABASE_FIELDS)
    @classmethod
    def _database(cls, value: str) -> str:
        if value:
            _check_database_url(value)
        return value

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        folder = self.instance.resolve()
        for field, name in DATABASE_FIELDS.items():
            if not getattr(self, field):
                object.__setattr__(self, field, f"sqlite:///{folder / name}.db")
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://{self.host}:{self.port}")
        return self

    @property
    def stub_ports(self) -> dict[str, int]:
        return {name: self.stubs_base_port + offset for offset, name in enumerate(STUBS, start=1)}

    @property
    def targets(self) -> dict[str, TargetSetting]:
        """Return the registered databases and HTTP services; queues are targets too, by their topology."""
        if self.declared_targets is not None:
            return self.declared_targets
        stubs = {name: TargetSetting(url=f"http://127.0.0.1:{port}") for name, port in self.stub_ports.items()}
        return {
            WAREHOUSE_DATABASE: TargetSetting(url=self.warehouse_database_url),
            ORDERS_DATABASE: TargetSetting(url=self.orders_database_url),
            **stubs,
        }

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: one line that names the first variable that cannot be used, and why.
    """
    given = {key: value for key, value in (os.environ if environment is None else environment).items() if value}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
        raise SettingsError(f"{first['loc'][0]}: {reason}") from error
    _check_folders(settings)
    return settings


@contextmanager
def wrong_settings_end_the_process() -> Iterator[None]:
    """Turn a wrong setting into one line on stderr and exit code 2, without a traceback."""
    try:
        yield
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def parse_tokens(text: str) -> dict[str, str]:
    """Read `warehouse=…,orders=…`; raises ValueError, saying what is odd, without the secret."""
    tokens = {}
    for entry in text.split(","):
        source, equals, token = entry.strip().partition("=")
        if not (source and equals and token):
            raise ValueError("must read source=token,source=token")
        tokens[source.strip()] = token.strip()
    return tokens


def _check_database_url(url: str) -> None:
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ValueError("is not a database URL, such as sqlite:///instance/dlo.db") from error
    if backend not in DATABASES:
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    if backend == "sqlite" and sqlite_path(url) is None:
        raise ValueError("must name a file: several processes share it")


def _check_folders(settings: Settings) -> None:
    # Not a validator: only the whole tells which folder the start itself makes.
    urls = [(_variable_of(field), getattr(settings, field)) for field in DATABASE_FIELDS]
    urls += [("DLO_TARGETS", target.url) for target in (settings.declared_targets or {}).values() if target.is_database]
    for variable, url in urls:
        path = sqlite_path(url)
        if path is None or path.resolve().parent == settings.instance.resolve():
            continue
        if not path.resolve().parent.is_dir():
            raise SettingsError(f"{variable}: the folder {path.parent} does not exist")
        if path.is_dir():
            raise SettingsError(f"{variable}: {path} is a folder")


def _variable_of(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    assert isinstance(alias, AliasChoices)
    return str(alias.choices[0])
