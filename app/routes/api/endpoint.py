"""Declare a call of the API once: its route, the permission, what it reads, what it answers, its documentation."""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel
from spectree import Response as Documented

from app.domain.permissions import Permission
from app.routes.api import auth, reading
from app.routes.api.schemas.problem import Problem
from app.routes.api.spec import spec

blueprint = Blueprint("api", __name__)

Answer = BaseModel | dict[str, Any] | Response
View = Callable[..., Answer]


def endpoint(
    rule: str,
    *,
    method: str = "GET",
    needs: Permission,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    headers: type[BaseModel] | None = None,
    answers: type[BaseModel] | None = None,
    status: int = 200,
    also: dict[int, type[BaseModel]] | None = None,
    reads_itself: bool = False,
) -> Callable[[View], View]:
    """Register a view under `/api/v1`; it is given `principal`, and `body` or `query` where it declares them.

    The permission is checked first, so that who may not ask learns nothing from a 404, 409 or 422.
    `also` documents further answers. `reads_itself`: the body is documented, but the view reads it.
    """

    def register(view: View) -> View:
        documented = spec.validate(
            json=body, query=query, headers=headers, resp=_documented(status, answers, also or {}),
            tags=[view.__module__.rsplit(".", 1)[-1]], skip_validation=True, operation_id=view.__name__,
        )(view)

        @wraps(documented)  # spectree finds its notes through this chain, and takes no part in a call
        def guarded(**parameters: Any) -> Response:
            parameters["principal"] = auth.require(needs)
            if body is not None and not reads_itself:
                parameters["body"] = reading.parsed(body)
            if query is not None:
                parameters["query"] = reading.query(query)
            return as_response(view(**parameters), status)

        guarded.permission = needs  # type: ignore[attr-defined]  # read by the test that walks every route
        blueprint.add_url_rule(f"/api/v1{rule}", view.__name__, guarded, methods=[method])
        return view

    return register


def as_response(answer: Answer, status: int = 200, **headers: str) -> Response:
    """Write a model or a plain object as JSON; a response passes as it is."""
    if isinstance(answer, Response):
        return answer
    text = answer.model_dump_json(by_alias=True) if isinstance(answer, BaseModel) else json.dumps(answer)
    return Response(text, status, headers, mimetype="application/json")


def _documented(
    status: int, answers: type[BaseModel] | None, also: dict[int, type[BaseModel]]
) -> Documented:
    problems = {f"HTTP_{code}": Problem for code in (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)}
    further = {f"HTTP_{code}": model for code, model in also.items()}
    return Documented(**{**problems, **further, f"HTTP_{int(HTTPStatus(status))}": answers})
