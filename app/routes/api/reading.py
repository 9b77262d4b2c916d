"""Read what was sent, bounded and strictly."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from app.domain.report import MAX_REPORT, faults_of, parse_json
from app.domain.text import clean, clean_value
from app.errors import Invalid, TooLarge, WrongMediaType

Model = TypeVar("Model", bound=BaseModel)

_KEPT_EXACTLY = ("remedy", "body")  # they go out again as they were written


def body(limit: int) -> bytes:
    """Return the raw body.

    Raises:
        WrongMediaType: it is not sent as application/json. TooLarge: it is longer than `limit` bytes.
    """
    if request.mimetype != "application/json":
        raise WrongMediaType
    request.max_content_length = limit + 1  # one more, so that a body of exactly the limit is not refused
    content = request.get_data(cache=False)
    if len(content) > limit:
        raise TooLarge(f"The body may be up to {limit} bytes long.")
    return content


def parsed(model: type[Model]) -> Model:
    """Return the body as a model; no body at all is an empty object.

    Raises:
        Malformed, WrongMediaType, TooLarge: as `body`. Invalid: every fault, by JSON pointer.
    """
    nothing = not request.content_length and "chunked" not in request.headers.get("Transfer-Encoding", "")
    value = {} if nothing else parse_json(body(MAX_REPORT))
    if isinstance(value, dict):
        value = {clean(name): item if name in _KEPT_EXACTLY else clean_value(item) for name, item in value.items()}
    return _validated(model, value)


def query(model: type[Model]) -> Model:
    """Return the query string as a model; empty parameters are as good as none. Raises Invalid."""
    return _validated(model, {name: clean(text) for name, text in request.args.items() if text})


def _validated(model: type[Model], value: Any) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error
