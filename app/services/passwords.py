"""Hash passwords and compare them, by argon2id."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.errors import Fault, Invalid

SHORTEST = 8

# What OWASP asks for at least: a sign-in shall not hold a single-threaded worker for long, nor take 64 MiB of it.
# Source: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


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
