"""What API answers and pages share."""

import math

from app.errors import AppError, TooMany, Unavailable


def retry_after(error: AppError) -> dict[str, str]:
    """Return the `Retry-After` header (whole seconds, rounded up) of an error that passes, or nothing."""
    if isinstance(error, TooMany | Unavailable):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return {}
