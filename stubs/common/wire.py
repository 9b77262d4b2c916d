"""The shapes that travel between the stubs: identifiers, items, bodies."""

import re
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from werkzeug.exceptions import BadRequest


def _printable(text: str) -> str:
    if any((ord(character) < 32 and character not in "\t\n\r") or ord(character) == 127 for character in text):
        raise ValueError("holds control characters")
    return text


def _identifier(text: str) -> str:
    # Ids become part of paths, here and in remedies, where neither of these can be told from the path's own.
    if not text.strip() or "/" in text or "\\" in text or not text.strip(".") or not text.isprintable():
        raise ValueError("is not an id")
    return text


Identifier = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_identifier)]
_identifiers: TypeAdapter[str] = TypeAdapter(Identifier)
Text = Annotated[str, Field(max_length=2000), AfterValidator(_printable)]
Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Body(BaseModel):
    """A JSON object in camelCase; a value of the wrong type is never converted, what is unknown is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, strict=True, frozen=True)


class Item(Body):
    """A product and how many of it."""

    product_id: Identifier
    quantity: Quantity
    price: Amount | None = None


class Component(Body):
    """A component and how many of it one product needs."""

    component_id: Identifier
    quantity: Quantity


Shape = TypeVar("Shape", bound=BaseModel)


def parse(shape: type[Shape], body: bytes) -> Shape:
    """Read a JSON body.

    Raises:
        ValueError: naming the first place that is wrong.
    """
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def path_identifier(text: str) -> str:
    """Check an id that stands in a path.

    Raises:
        BadRequest: it is none.
    """
    try:
        return _identifiers.validate_python(text)
    except ValidationError as error:
        raise BadRequest(f"{text[:80]!r} is not an id") from error


def is_identifier(text: str) -> bool:
    """Tell whether a text can be an id."""
    try:
        _identifiers.validate_python(text)
    except ValidationError:
        return False
    return True


def remedy_path(template: str, identifier: str) -> str | None:
    """Return the path of a remedy for an id, or None where the desk would refuse it."""
    usable = re.fullmatch(r"[\w .:,+~-]+", identifier)
    return template.format(in_path(identifier)) if usable else None


def in_path(identifier: str) -> str:
    """Write an id as one segment of a path."""
    return quote(identifier, safe="")


def totals(pairs: list[tuple[str, int]]) -> dict[str, int]:
    """Add quantities up by id, in the order of the ids: every writer locks rows in the same order."""
    sums: dict[str, int] = {}
    for key, quantity in pairs:
        sums[key] = sums.get(key, 0) + quantity
    return dict(sorted(sums.items()))


def dump(shape: BaseModel) -> Any:
    """Write a shape back as it travels."""
    return shape.model_dump(mode="json", by_alias=True, exclude_none=True)
