"""Read a report: bytes in, a valid report or every fault by its JSON pointer out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypedDict

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from app.domain import exact_json
from app.domain.remedy import DATABASE_REMEDIES, REMEDY_TYPES, Name, Remedy
from app.domain.text import clean_value
from app.errors import Fault, Invalid, Malformed

MAX_REPORT = 1024 * 1024
MAX_BATCH = 8 * 1024 * 1024
MAX_BATCH_ITEMS = 1000
MAX_MESSAGE = 10_000
ESCAPE = b"\\u"
KINDS = ("http", "message", "db_write")


class Known(TypedDict):
    """The names that a remedy may use."""

    http_targets: Collection[str]
    queues: Collection[str]


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("must be an RFC 3339 time, such as 2026-11-22T01:02:03Z")
    try:
        moment = datetime.fromisoformat(value.upper())
        if moment.tzinfo is None or "T" not in value.upper():
            raise ValueError("no zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("must be an RFC 3339 time, such as 2026-11-22T01:02:03Z") from error


Moment = Annotated[datetime | None, BeforeValidator(_moment)]


def _endless_to_none(value: object) -> object:
    return None if isinstance(value, exact_json.BigNumber) else value  # kept in the raw report; no column holds it


class ErrorPart(BaseModel):
    """What went wrong, in the reporting service's words."""

    model_config = ConfigDict(extra="allow")
    type: Annotated[str, StringConstraints(min_length=1)]
    message: str
    status: Annotated[StrictInt | None, BeforeValidator(_endless_to_none)] = None
    detail: Any = None


class Report(BaseModel):
    """One failure, as a service reports it. Unknown fields are kept and shown."""

    model_config = ConfigDict(extra="allow")
    source: Name
    operation: Name
    kind: Literal["http", "message", "db_write"]
    error: ErrorPart
    orderId: Annotated[str, StringConstraints(max_length=255)] | None = None
    clientId: Annotated[str, StringConstraints(max_length=255)] | None = None
    occurredAt: Moment = None
    shipBy: Moment = None
    payload: Any = None
    remedy: Remedy | None = None
    review: StrictBool = False
    traceparent: Annotated[str, StringConstraints(max_length=255)] | None = Field(default=None)


_REMEDY = TypeAdapter[Any](Remedy)


@dataclass(frozen=True)
class ParsedReport:
    """A valid report, and its remedy as it is run."""

    report: Report
    remedy: dict[str, Any] | None


def parse(body: bytes, known: Known) -> ParsedReport:
    """Parse and validate a report.

    Raises:
        Malformed: it is not JSON; the message names the place.
        Invalid: it is JSON, but not a report; every fault is listed.
    """
    return validate(parse_json(body), known, escaped=ESCAPE in body)


def parse_json(body: bytes) -> Any:
    """Parse a body strictly.

    Raises:
        Malformed: it is not JSON. Invalid: it is nested too deep, or names a key twice.
    """
    try:
        return exact_json.loads(body)
    except exact_json.NotJson as error:
        raise Malformed(f"The body is not JSON: {error}") from error
    except exact_json.TooDeep as error:
        raise Invalid([Fault("", str(error))]) from error
    except exact_json.DuplicateKey as error:
        name = str(error)[:80]
        raise Invalid([Fault("", f"the key {name!r} stands twice in one object")]) from error


def validate(value: Any, known: Known, *, escaped: bool = True) -> ParsedReport:
    """Validate a parsed report; raises Invalid with every fault.

    `escaped` False says that its text held no escape, by which alone NUL and lone surrogates get into JSON.
    """
    cleaned = clean_value(value) if escaped else value
    try:
        report = Report.model_validate(cleaned, context=known)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error
    return ParsedReport(report, _as_run(value["remedy"], cleaned["remedy"]) if report.remedy else None)


def validate_remedy(value: Any, known: Known) -> dict[str, Any]:
    """Validate a remedy alone, as a person edited it, and return it as it is run.

    Raises:
        Invalid: with pointers below `/remedy`.
    """
    cleaned = clean_value(value)
    try:
        _REMEDY.validate_python(cleaned, context=known)
    except ValidationError as error:
        raise Invalid(faults_of(error, prefix=("remedy",))) from error
    return _as_run(value, cleaned)


def _as_run(remedy: dict[str, Any], cleaned: dict[str, Any]) -> dict[str, Any]:
    # A message or a call is sent exactly as it was written; a database takes neither NUL nor lone surrogates.
    return cleaned if remedy["type"] in DATABASE_REMEDIES else remedy


def faults_of(error: ValidationError, prefix: tuple[str, ...] = ()) -> list[Fault]:
    """Turn pydantic's list into JSON pointers (RFC 6901) with plain words."""
    return [
        Fault(_pointer((*prefix, *item["loc"], *_TAG.get(item["type"], ()))), _plain(item["msg"]))
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    ]


_TAG = {"union_tag_invalid": ("type",), "union_tag_not_found": ("type",)}


def _plain(message: str) -> str:
    words = message.removeprefix("Value error, ").removeprefix("Input ")
    return "should be an object" if words.startswith("should be a valid dictionary") else words


def _pointer(location: tuple[str | int, ...]) -> str:
    parts = list(location)
    if len(parts) > 1 and parts[0] == "remedy" and parts[1] in REMEDY_TYPES:
        del parts[1]  # pydantic names the union's branch; the document does not hold it
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
