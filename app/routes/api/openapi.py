"""The OpenAPI document, as spectree writes it, with what it cannot know put right."""

import copy
from typing import Any

from app.routes.api.problems import MEDIA_TYPE
from app.routes.api.spec import spec

OPEN_TO_ALL = {
    "/healthz": "Liveness", "/readyz": "Readiness; 503 with the reasons",
    "/metrics": "Figures for Prometheus", "/api/openapi.json": "This document", "/api/docs": "This document as a page",
}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of this application."""
    written: dict[str, Any] = copy.deepcopy(spec.spec)
    for path in written["paths"].values():
        for operation in path.values():
            _say_problem(operation["responses"])
    written["paths"] |= {path: {"get": _open(path, summary)} for path, summary in OPEN_TO_ALL.items()}
    return written


def _say_problem(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status >= "400" and "content" in response:
            response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}


def _open(path: str, summary: str) -> dict[str, Any]:
    return {
        "summary": summary, "operationId": path.strip("/").replace("/", "_").replace(".", "_"), "tags": ["ops"],
        "security": [], "responses": {"200": {"description": "OK"}},
    }
