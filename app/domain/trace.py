"""Read a W3C `traceparent`, and continue its trace. Source: https://www.w3.org/TR/trace-context/#traceparent-header"""

import hashlib
import re
from dataclasses import dataclass

HEADER = "traceparent"

_FORM = re.compile(r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
                   r"(?P<more>-.*)?\Z")
_SAMPLED = 0x01
_LONGEST = 255  # a later version may add to it; no more than that is stored


@dataclass(frozen=True)
class Trace:
    """What is kept of a trace: its id, and whether the caller records it."""

    trace_id: str
    is_sampled: bool

    def child(self, name: str) -> str:
        """Return the `traceparent` of a call that `name` names: the same name has the same parent id."""
        return f"00-{self.trace_id}-{hashlib.sha256(name.encode()).hexdigest()[:16]}-{int(self.is_sampled):02x}"


def parse(value: object) -> Trace | None:
    """Read a `traceparent`; None where it is invalid, and then it is as if there were none."""
    found = _FORM.match(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    if found is None or found["version"] == "ff" or (found["version"] == "00" and found["more"]):
        return None
    if not int(found["trace"], 16) or not int(found["parent"], 16):
        return None
    return Trace(found["trace"], bool(int(found["flags"], 16) & _SAMPLED))


def trace_id(value: object) -> str | None:
    """Return the id of the trace that a `traceparent` names; None where it is invalid."""
    trace = parse(value)
    return trace.trace_id if trace else None


def first_valid(*values: object) -> str | None:
    """Return the first of these that is a valid `traceparent`."""
    return next((str(value) for value in values if parse(value)), None)
