"""The settings of a stub, from the environment; a wrong one is told in one line."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from storage import sqlite_path

HOST = "127.0.0.1"
PORTS = {
    "orders": 1, "payments": 2, "warehouse-1": 3, "warehouse-2": 4, "products": 5, "inventory": 6, "shipping": 7,
}


Number = TypeVar("Number", int, float)


class SettingError(Exception):
    """A setting that cannot be used; the text is one line and begins with the variable's name."""

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}".replace("\n", " "))


@dataclass(frozen=True)
class Settings:
    """What a stub needs to know; `retry_scale` multiplies every interval."""

    name: str
    instance: Path
    database_url: str
    broker_url: str
    queue_database_url: str
    desk_url: str
    base_port: int
    retry_scale: float
    given_tokens: Mapping[str, str] | None

    @property
    def service(self) -> str:
        """Return the name that both warehouses share."""
        return service_of(self.name)

    @property
    def database_variable(self) -> str:
        return f"{self.service.upper()}_DATABASE_URL"

    @property
    def port(self) -> int:
        return self.base_port + PORTS[self.name]

    def address(self, name: str) -> str:
        """Return the base URL of a stub."""
        return f"http://{HOST}:{self.base_port + PORTS[name]}"

    def token(self) -> str | None:
        """Return the service's token for the desk; its file may be written after our start, and change."""
        tokens = self.given_tokens
        if tokens is None:
            file = self.instance / "service_tokens"
            tokens = parse_tokens(file.read_text("utf-8")) if file.exists() else {}
        return tokens.get(self.service)


def service_of(name: str) -> str:
    """Return the service that a process belongs to: `warehouse` for `warehouse-2`."""
    return name.partition("-")[0]


def read_settings(name: str, environment: Mapping[str, str]) -> Settings:
    """Read the settings of the stub `name`.

    Raises:
        SettingError: naming the first variable that cannot be used.
    """
    given = {key: value for key, value in environment.items() if value}
    instance = Path(given.get("DLO_INSTANCE", "instance")).resolve()
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError("DLO_INSTANCE", f"{instance} cannot be made ({error.strerror})") from error
    host = given.get("DLO_HOST", HOST)
    # Where the desk listens on every address, it is reached by the loopback one.
    host = {"0.0.0.0": HOST, "::": "::1"}.get(host, host)
    port = _number(given, "DLO_PORT", 8080, 1, 65535, int)
    service = service_of(name)
    tokens = given.get("DLO_SERVICE_TOKENS")
    return Settings(
        name, instance,
        database_url=_database(given, f"{service.upper()}_DATABASE_URL", instance / f"{service}.db"),
        broker_url=_broker(given.get("DLO_BROKER_URL", "embedded")),
        queue_database_url=_database(given, "DLO_QUEUE_DATABASE_URL", instance / "queue.db"),
        desk_url=f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}",
        base_port=_number(given, "STUBS_BASE_PORT", 5100, 1, 65000, int),
        retry_scale=_number(given, "DLO_RETRY_SCALE", 1.0, 1e-6, 1000.0, float),
        given_tokens=parse_tokens(tokens) if tokens else None,
    )


def parse_tokens(text: str) -> dict[str, str]:
    """Read `warehouse=…,orders=…`.

    Raises:
        SettingError: it does not look like that.
    """
    tokens = {}
    for entry in text.strip().split(","):
        source, equals, token = entry.strip().partition("=")
        if not (source and equals and token):
            raise SettingError("DLO_SERVICE_TOKENS", "must read source=token,source=token")
        tokens[source] = token
    return tokens


def _number(
    given: Mapping[str, str], variable: str, default: Number, least: Number, most: Number, read: type[Number]
) -> Number:
    text = given.get(variable, str(default))
    try:
        value = read(text)
    except ValueError as error:
        raise SettingError(variable, f"{text!r} is not a number") from error
    if not (math.isfinite(value) and least <= value <= most):
        raise SettingError(variable, f"{text} is not between {least:g} and {most:g}")
    return value


def _broker(url: str) -> str:
    if url != "embedded" and not url.startswith(("amqp://", "amqps://")):
        raise SettingError("DLO_BROKER_URL", "must be 'embedded' or an amqp:// URL")
    return url


def _database(given: Mapping[str, str], variable: str, default: Path) -> str:
    url = given.get(variable, f"sqlite:///{default}")
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise SettingError(variable, "is not a database URL, such as sqlite:///instance/orders.db") from error
    if backend not in ("sqlite", "postgresql"):
        raise SettingError(variable, "must begin with sqlite:/// or postgresql+psycopg://")
    path = sqlite_path(url)
    if path is not None and not path.resolve().parent.is_dir():
        raise SettingError(variable, f"the folder {path.parent} does not exist")
    return url
