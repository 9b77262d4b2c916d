"""Hash passwords and compare them: argon2id, with the figures of RFC 9106 for little memory."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.errors import Fault, Invalid

SHORTEST = 8

_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher.hash(password)


def matches(digest: str | None, password: str) -> bool:
    """Tell whether a password is the one that was stored; without one (an unknown name) it takes as long."""
    try:
        return _hasher.verify(digest or _nobody(), password) and digest is not None
    except VerifyMismatchError:
        return False


def check_length(password: str) -> None:
    """Raise Invalid when a password is too short."""
    if len(password) < SHORTEST:
        raise Invalid([Fault("/password", f"must be at least {SHORTEST} characters long")])


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))
