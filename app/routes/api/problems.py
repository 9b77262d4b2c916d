"""Errors as RFC 9457 problem details."""

import json
from typing import Any

from flask import Response

from app.errors import AppError, Conflict, Invalid, Unauthenticated
from app.routes.answers import retry_after

MEDIA_TYPE = "application/problem+json"


def members(error: AppError) -> dict[str, Any]:
    """Return the members of a problem; also an item of a batch's answer."""
    problem: dict[str, Any] = {
        "type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail,
    }
    if isinstance(error, Invalid):
        problem["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults]
    if isinstance(error, Conflict):
        problem["currentStatus"] = error.current_status
    return problem


def problem(error: AppError) -> Response:
    """Answer with a problem."""
    headers = retry_after(error)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(members(error)), error.status, headers, mimetype=MEDIA_TYPE)
