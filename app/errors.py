"""The family of errors that the service raises on purpose; `routes` turns each into its answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input: a JSON pointer, and what was expected there."""

    pointer: str
    detail: str


class AppError(Exception):
    """Something went wrong that the caller should know of."""

    status = 500
    title = "Internal error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.__doc__ or "")
        self.detail = detail or (self.__doc__ or "").strip()


class Malformed(AppError):
    """The body is not JSON."""

    status, title = 400, "Not JSON"


class Unauthenticated(AppError):
    """A valid token is needed: send `Authorization: Bearer <token>`."""

    status, title = 401, "Token needed"


class Forbidden(AppError):
    """This token or account may not do that."""

    status, title = 403, "Not allowed"


class NotFound(AppError):
    """There is nothing under this id."""

    status, title = 404, "Not found"


class TooLarge(AppError):
    """The body is larger than what is accepted."""

    status, title = 413, "Too large"


class WrongMediaType(AppError):
    """The body must be sent as application/json."""

    status, title = 415, "Not application/json"


class Invalid(AppError):
    """The input can be read, but not all of it can be used."""

    status, title = 422, "Invalid"

    def __init__(self, faults: list[Fault], detail: str = "") -> None:
        self.faults = faults
        super().__init__(detail or "; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in faults))


class Conflict(AppError):
    """The failure's state forbids it, or another was faster."""

    status, title = 409, "Conflict"

    def __init__(self, detail: str, *, current_status: str | None = None) -> None:
        super().__init__(detail)
        self.current_status = current_status


class TooMany(AppError):
    """Too many requests: wait as long as `Retry-After` says."""

    status, title = 429, "Too many requests"

    def __init__(self, detail: str = "", *, retry_after: float = 1.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(AppError):
    """The store cannot be reached at the moment; nothing was taken in."""

    status, title = 503, "Unavailable"

    def __init__(self, detail: str = "", *, retry_after: float = 2.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
