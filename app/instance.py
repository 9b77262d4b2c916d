"""The instance folder and the secrets in it: made once, private, and kept over every start."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import SERVICES, Settings, SettingsError, parse_tokens

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def prepare(settings: Settings) -> None:
    """Make the folder and the secrets that are missing.

    Raises:
        SettingsError: the folder cannot be made or written to.
    """
    try:
        settings.instance.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        with alone(settings):
            _create(settings.instance / "traffic_token", secrets.token_urlsafe(32))
            if settings.secret_key is None:
                _create(settings.instance / "secret_key", secrets.token_urlsafe(48))
            if settings.service_tokens is None:
                tokens = ",".join(f"{service}={secrets.token_urlsafe(32)}" for service in SERVICES)
                _create(settings.instance / "service_tokens", tokens)
    except OSError as error:
        raise SettingsError(f"DLO_INSTANCE: {settings.instance} cannot be used ({error.strerror})") from error


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the folder's lock, so that of several first starts at the same moment one does the work."""
    descriptor = os.open(settings.instance, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def secret_key(settings: Settings) -> str:
    """Return the key of sessions and CSRF tokens.

    Raises:
        SettingsError: it is neither given nor generated.
    """
    return settings.secret_key or _read(settings.instance / "secret_key", "DLO_SECRET_KEY")


def service_tokens(settings: Settings) -> dict[str, str]:
    """Return the intake token of every source, generated ones unless the settings give them.

    Raises:
        SettingsError: they are neither given nor generated, or cannot be read.
    """
    if settings.service_tokens is not None:
        return settings.service_tokens
    try:
        return parse_tokens(_read(settings.instance / "service_tokens", "DLO_SERVICE_TOKENS"))
    except ValueError as error:
        raise SettingsError(f"DLO_SERVICE_TOKENS: the generated file {error}") from error


def traffic_token(settings: Settings) -> str:
    """Return the token with which the demo traffic reads what was stored.

    Raises:
        SettingsError: it is not generated.
    """
    return _read(settings.instance / "traffic_token", "DLO_INSTANCE")


def _create(path: Path, text: str) -> None:
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.new")
    draft.touch(mode=PRIVATE_FILE)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)  # whole or not at all: half a secret would stay for ever


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{variable}: not set, and {path} cannot be read ({error.strerror})") from error
