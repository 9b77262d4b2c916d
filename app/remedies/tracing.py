"""Let what an attempt sends belong to the trace of what failed."""

from typing import Any

from app.domain.trace import HEADER, first_valid, parse
from app.remedies.base import Run


def continue_trace(headers: dict[str, Any], run: Run) -> None:
    """Put this attempt's `traceparent` into the headers, in place of the one that the remedy may name.

    The trace is the failure's, or else the one of the remedy's own header; without a valid one nothing is changed.
    """
    own = [name for name in headers if name.lower() == HEADER]
    trace = parse(first_valid(run.traceparent, *(headers[name] for name in own)))
    if trace is None:
        return
    for name in own:
        del headers[name]
    headers[HEADER] = trace.child(f"{run.failure_id}/{run.attempt}/{run.fence}")
